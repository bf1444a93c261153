"""The workloads that every framework runs, with parameters and data from one formula.

Every number is a pure function of a stream and a position, so that any language can make the same one:

    bits(stream, i)    = splitmix64(stream * 2^40 + i)
    splitmix64(n)      : z = (n + 1) * 0x9E3779B97F4A7C15
                         z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9
                         z = (z ^ (z >> 27)) * 0x94D049BB133111EB
                         z ^ (z >> 31)                                  all modulo 2^64
    uniform(stream, i) = (bits >> 40) / 2^23 - 1                        in [-1, 1), exact in float32

Streams:
    1       inputs: example e, feature f is at i = e * features + f; images are height, width, channels. Of sparse inputs, one
            number j of example e, in 0..<ones, is feature 8 j + bits(e * ones + j) mod 8
    2       classes: bits mod their number
    3       order: the examples sorted by their bits; update t takes order[(t * B + j) mod 8192], j in 0..<B

The target of linear regression is float32(sum over f of (f + 1) / 4 * x_f), summed in float64.
Parameters are those that Batchwise begins with, from the files that `updates --export` writes (see compare.py).

Losses are means over the batch: softmax cross-entropy, binary cross-entropy, or the squared error without a factor of
one half. The update is v = 0.9 v + g, p = p - rate v.
"""

import json
import os
from dataclasses import dataclass

import numpy as np

EXAMPLES = 8192
LEARNING_RATE = float(os.environ.get("LEARNING_RATE", "0.001"))
MOMENTUM = 0.9
INPUTS, TARGETS, ORDER = 1, 2, 3


@dataclass(frozen=True)
class Workload:
    """Convolutions (3x3, same, ReLU, max-pool 2 after each), then dense layers with ReLU between; or a residual net."""

    name: str
    shape: tuple[int, ...]
    dense: tuple[int, ...]
    convolutions: tuple[int, ...] = ()
    stages: tuple[int, ...] = ()
    loss: str = "softmax"
    classes: int = 10
    ones: int = 0

    @property
    def features(self):
        return int(np.prod(self.shape))

    @property
    def has_images(self):
        return bool(self.convolutions or self.stages)

    @property
    def products(self):
        """Multiplications of one example's forward pass, layer by layer; the first needs no gradient of its input."""
        if self.stages:
            height, width, channels = self.shape
            found = []
            for stage, filters in enumerate(self.stages):
                height, width = (height, width) if stage == 0 else (height // 2, width // 2)
                pixels = height * width
                found += [pixels * 9 * channels * filters] + 2 * [pixels * 9 * filters * filters]
                channels = filters
            return found + [channels * self.dense[0]]
        found, (height, width, channels) = [], self.shape if self.convolutions else (1, 1, self.features)
        for filters in self.convolutions:
            found.append(height * width * 9 * channels * filters)
            height, width, channels = height // 2, width // 2, filters
        widths = (height * width * channels, *self.dense)
        return found + [before * after for before, after in zip(widths, widths[1:])]

    @property
    def flops(self):
        """Of one example's update: forward, gradients of weights, and gradients of inputs but the first layer's."""
        if self.ones:
            return 4 * self.ones * self.dense[0]
        return 6 * sum(self.products) - 2 * self.products[0]

    @property
    def parameter_count(self):
        if self.stages:
            widths = (self.shape[2], *self.stages)
            return sum(9 * b * a + 18 * a * a + 6 * a for b, a in zip(widths, widths[1:])) + 65 * self.dense[0]
        height, width, channels = self.shape if self.convolutions else (1, 1, self.features)
        count = 0
        for filters in self.convolutions:
            count += 9 * channels * filters + filters
            height, width, channels = height // 2, width // 2, filters
        widths = (height * width * channels, *self.dense)
        return count + sum(b * a + a for b, a in zip(widths, widths[1:]))


WORKLOADS = {w.name: w for w in [
    Workload("linear-5", (5,), (1,), loss="mse"),
    Workload("linear-100", (100,), (1,), loss="mse"),
    Workload("softmax-784-10", (784,), (10,)),
    Workload("mlp-784-128-10", (784,), (128, 10)),
    Workload("mlp-784-512-256-10", (784,), (512, 256, 10)),
    Workload("mlp-1024-2048-2048-10", (1024,), (2048, 2048, 10)),
    Workload("mlp-14-128-64-2", (14,), (128, 64, 2), classes=2),
    Workload("logistic-123-sparse", (123,), (1,), loss="bce", classes=2, ones=14),
    Workload("conv-32-64-128", (28, 28, 1), (128, 10), convolutions=(32, 64)),
    Workload("resnet-16-32-64", (32, 32, 3), (10,), stages=(16, 32, 64)),
]}


def bits(stream, count):
    n = np.arange(count, dtype=np.uint64) + np.uint64((stream << 40) + 1)
    z = n * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def uniform(stream, *shape):
    values = (bits(stream, int(np.prod(shape))) >> np.uint64(40)).astype(np.float32)
    return (values / np.float32(2**23) - np.float32(1)).reshape(shape)


def parameters(workload, folder):
    """What is trained, in layer order: [(name, array), ...], in PyTorch's layouts."""
    with open(f"{folder}/{workload.name}.safetensors", "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        data = file.read()
    found = []
    for name, entry in header.items():
        if name == "__metadata__" or "running" in name or "num_batches" in name:
            continue
        first, last = entry["data_offsets"]
        found.append((name, np.frombuffer(data[first:last], np.float32).reshape(entry["shape"])))
    return sorted(found, key=lambda pair: [int(part) if part.isdigit() else -len(part) for part in pair[0].split(".")])


def dataset(workload):
    if workload.ones:
        inputs = np.zeros((EXAMPLES, *workload.shape), np.float32)
        place = np.arange(EXAMPLES * workload.ones)
        column = place % workload.ones * 8 + (bits(INPUTS, len(place)) % np.uint64(8)).astype(np.int64)
        inputs[place // workload.ones, column] = 1
    else:
        inputs = uniform(INPUTS, EXAMPLES, *workload.shape)
    if workload.loss == "mse":
        slopes = np.arange(1, workload.features + 1) / 4
        return inputs, (inputs.astype(np.float64) * slopes).sum(axis=1).astype(np.float32)
    return inputs, (bits(TARGETS, EXAMPLES) % np.uint64(workload.classes)).astype(np.int32)


def order(batch):
    """The order of one epoch followed by its own beginning, so that every batch is one slice."""
    epoch = np.argsort(bits(ORDER, EXAMPLES), kind="stable").astype(np.int32)
    return np.concatenate([epoch, epoch[:batch]])
