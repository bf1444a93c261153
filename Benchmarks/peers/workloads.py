"""The workloads that every framework runs, with parameters and data from one formula.

Every number is a pure function of a stream and a position, so that any language can make the same one:

    bits(stream, i)    = splitmix64(stream * 2^40 + i)
    splitmix64(n)      : z = (n + 1) * 0x9E3779B97F4A7C15
                         z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9
                         z = (z ^ (z >> 27)) * 0x94D049BB133111EB
                         z ^ (z >> 31)                                  all modulo 2^64
    uniform(stream, i) = (bits >> 40) / 2^23 - 1                        in [-1, 1), exact in float32

Streams:
    1       inputs: example e, feature f is at i = e * features + f; images are height, width, channels
    2       classes: bits mod 10
    3       order: the examples sorted by their bits; update t takes order[(t * B + j) mod 8192], j in 0..<B
    16 + p  parameter tensor p, counting weight and bias of every layer in order: 16, 18, 20 are weights

A weight is float32(uniform * float32(1 / sqrt(fan_in))), row-major in the layout [out, in] or [out, in, kH, kW];
columns of a dense layer that follows a convolution are in height, width, channel order. A bias is zero.
The target of linear regression is float32(sum over f of (f + 1) / 4 * x_f), summed in float64.

Losses are means over the batch: softmax cross-entropy, or the squared error without a factor of one half.
The update is v = 0.9 v + g, p = p - 0.01 v.
"""

from dataclasses import dataclass

import numpy as np

EXAMPLES = 8192
CLASSES = 10
LEARNING_RATE = 0.01
MOMENTUM = 0.9

INPUTS, TARGETS, ORDER, PARAMETERS = 1, 2, 3, 16


@dataclass(frozen=True)
class Workload:
    """Convolutions (3x3, same, ReLU, max-pool 2 after each), then dense layers with ReLU between."""

    name: str
    shape: tuple[int, ...]
    convolutions: tuple[int, ...]
    dense: tuple[int, ...]
    loss: str = "softmax-cross-entropy"

    @property
    def features(self):
        return int(np.prod(self.shape))

    @property
    def pooled_shape(self):
        height, width, channels = self.shape
        for channels in self.convolutions:
            height, width = height // 2, width // 2
        return height, width, channels

    @property
    def weight_shapes(self):
        """Shapes of the weights in layer order, as PyTorch lays them out."""
        shapes, width = [], self.features
        if self.convolutions:
            channels = (self.shape[2], *self.convolutions)
            shapes = [(after, before, 3, 3) for before, after in zip(channels, channels[1:])]
            width = int(np.prod(self.pooled_shape))
        widths = (width, *self.dense)
        return shapes + [(after, before) for before, after in zip(widths, widths[1:])]


WORKLOADS = {w.name: w for w in [
    Workload("linear-5", (5,), (), (1,), loss="mse"),
    Workload("softmax-784-10", (784,), (), (10,)),
    Workload("mlp-784-128-10", (784,), (), (128, 10)),
    Workload("mlp-784-512-256-10", (784,), (), (512, 256, 10)),
    Workload("conv-32-64-128", (28, 28, 1), (32, 64), (128, 10)),
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


def parameters(workload):
    """Weights and zero biases in layer order: [(weight, bias), ...]."""
    layers = []
    for position, shape in enumerate(workload.weight_shapes):
        bound = np.float32(1 / np.sqrt(np.prod(shape[1:])))
        weight = uniform(PARAMETERS + 2 * position, *shape) * bound
        layers.append((weight, np.zeros(shape[0], np.float32)))
    return layers


def dataset(workload):
    inputs = uniform(INPUTS, EXAMPLES, *workload.shape)
    if workload.loss == "mse":
        slopes = np.arange(1, workload.features + 1) / 4
        return inputs, (inputs.astype(np.float64) * slopes).sum(axis=1).astype(np.float32)
    return inputs, (bits(TARGETS, EXAMPLES) % np.uint64(CLASSES)).astype(np.int32)


def order(batch):
    """The order of one epoch followed by its own beginning, so that every batch is one slice."""
    epoch = np.argsort(bits(ORDER, EXAMPLES), kind="stable").astype(np.int32)
    return np.concatenate([epoch, epoch[:batch]])
