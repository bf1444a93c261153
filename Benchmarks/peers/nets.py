"""Random nets, saved by Batchwise and loaded by PyTorch, and the other way round: both must predict the same.

    peers/.venv/bin/python peers/nets.py ../.build/release/batchwise [--nets 30]

A net is trained for an epoch on random images (or ids), its `model.safetensors` is loaded with `load_state_dict`, and
PyTorch's probabilities, from its own order of axes, are compared with `batchwise predict`. Then PyTorch changes every
parameter, writes the file with the same metadata, and Batchwise predicts with it. Prints the largest difference of a
probability; exits with 1 where one is beyond 1e-5.
"""

import argparse
import json
import random
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
from torch import nn

TYPES = {"F32": np.float32, "I64": np.int64}


class Residual(nn.Sequential):
    def forward(self, x):
        return x + super().forward(x)


class GlobalPool(nn.Module):
    def __init__(self, largest):
        super().__init__()
        self.largest = largest

    def forward(self, x):
        return x.amax(dim=(2, 3)) if self.largest else x.mean(dim=(2, 3))


def read(path):
    data = Path(path).read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + length])
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        first, last = entry["data_offsets"]
        numbers = np.frombuffer(data[8 + length + first:8 + length + last], TYPES[entry["dtype"]])
        tensors[name] = torch.tensor(numbers.reshape(entry["shape"]).copy())
    return tensors, metadata


def write(path, tensors, metadata):
    header, body = {"__metadata__": metadata}, b""
    for name, tensor in tensors.items():
        numbers = tensor.contiguous().numpy()
        kind = next(k for k, v in TYPES.items() if v == numbers.dtype)
        header[name] = {
            "dtype": kind, "shape": list(numbers.shape), "data_offsets": [len(body), len(body) + numbers.nbytes]}
        body += numbers.tobytes()
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    Path(path).write_bytes(struct.pack("<Q", len(text)) + text + body)


ACTIVATIONS = {"relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid, "gelu": nn.GELU, "silu": nn.SiLU}


def norm(draw, channels, ghost):
    kind = draw.choice(["batch", "group", "instance"])
    if kind == "batch":
        return {"batch-norm": {"ghost": ghost}}, nn.BatchNorm2d(channels)
    if kind == "instance":
        return "instance-norm", nn.GroupNorm(channels, channels)
    groups = draw.choice([g for g in (1, 2, 3, 4) if channels % g == 0])
    return {"group-norm": groups}, nn.GroupNorm(groups, channels)


def images(draw):
    height, width, channels = draw.randint(9, 14), draw.randint(9, 14), draw.choice([1, 2, 3, 4])
    shape, layers, modules = (height, width, channels), [], []

    def add(layer, module):
        layers.append(layer)
        modules.append(module)

    for _ in range(draw.randint(1, 3)):
        kernel = draw.choice([1, 2, 3])
        if min(height, width) < 2 * kernel + 2:
            break
        stride, dilation = draw.choice([1, 1, 2]), draw.choice([1, 1, 2])
        groups = draw.choice([g for g in (1, 2) if channels % g == 0])
        filters = 4 * draw.randint(1, 3)
        pixels = draw.choice([0, 1])
        add({"conv": {"filters": filters, "kernel": kernel, "stride": stride, "dilation": dilation, "groups": groups,
                      "padding": pixels}},
            nn.Conv2d(channels, filters, kernel, stride, pixels, dilation, groups))
        channels = filters
        height, width = ((n + 2 * pixels - dilation * (kernel - 1) - 1) // stride + 1 for n in (height, width))
        if draw.random() < 0.7:
            add(*norm(draw, channels, 16))
        name = draw.choice(list(ACTIVATIONS))
        add(name, ACTIVATIONS[name]())
        if draw.random() < 0.4:
            layer, module = norm(draw, channels, 32)
            add({"residual": [{"conv": {"filters": channels, "kernel": 3, "padding": "same"}}, layer, "relu"]},
                Residual(nn.Conv2d(channels, channels, 3, padding="same"), module, nn.ReLU()))
        if min(height, width) >= 4 and draw.random() < 0.5:
            if draw.random() < 0.5:
                add({"max-pool": 2}, nn.MaxPool2d(2))
            else:
                add({"average-pool": 2}, nn.AvgPool2d(2))
            height, width = height // 2, width // 2
    features = height * width * channels
    if draw.random() < 0.25:
        largest = draw.random() < 0.5
        add("global-max-pool" if largest else "global-average-pool", GlobalPool(largest))
        features = channels
    else:
        add("flatten", nn.Flatten())
        if draw.random() < 0.3:
            add("layer-norm", nn.LayerNorm(features))
    return shape, layers, modules, features


def ids(draw):
    length, vocabulary, width = draw.randint(3, 9), draw.randint(5, 20), draw.randint(2, 8)
    layers = [{"embedding": {"vocabulary": vocabulary, "width": width}}]
    modules = [nn.Embedding(vocabulary, width)]
    if draw.random() < 0.5:
        layers.append("layer-norm")
        modules.append(nn.LayerNorm(width))
    layers.append("flatten")
    modules.append(nn.Flatten())
    return (length, vocabulary), layers, modules, length * width


def net(seed):
    draw = random.Random(seed)
    isImage = seed % 6 != 5
    shape, layers, modules, features = images(draw) if isImage else ids(draw)
    hidden, classes = draw.randint(5, 40), draw.randint(2, 12)
    layers += [{"dense": hidden}, "relu", {"dropout": 0.2}, {"dense": "classes"}]
    modules += [nn.Linear(features, hidden), nn.ReLU(), nn.Dropout(0.2), nn.Linear(hidden, classes)]
    rng = np.random.default_rng(seed)
    if isImage:
        x = rng.normal(size=(160, *shape)).astype(np.float32)
    else:
        x = rng.integers(0, shape[1], (160, shape[0])).astype(np.int32)
    y = rng.integers(0, classes, 160)
    y[:classes] = np.arange(classes)
    return layers, nn.Sequential(*modules), x, y, isImage


def probabilities(batchwise, run, x, folder):
    np.save(folder / "new.npy", x)
    output = folder / "p.npy"
    output.unlink(missing_ok=True)
    subprocess.run(
        [batchwise, "predict", run, folder / "new.npy", "--probabilities", "--output", output], check=True,
        capture_output=True)
    return np.load(output)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("batchwise")
    parser.add_argument("--nets", type=int, default=30)
    options = parser.parse_args()
    worst = 0
    for seed in range(options.nets):
        torch.manual_seed(seed)
        layers, module, x, y, isImage = net(seed)
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            np.save(folder / "x.npy", x)
            np.save(folder / "y.npy", y)
            run = folder / "run"
            trained = subprocess.run(
                [options.batchwise, "train", folder / "x.npy", "--set", f"data.labels={folder}/y.npy", "--set",
                 "data.standardise=false", "--set", "data.split.test=0", "--set", "model=" + json.dumps(layers), "--set",
                 "epochs=1", "--set", "batch=32", "--run", run], capture_output=True, text=True)
            if trained.returncode != 0:
                sys.exit(f"net {seed}: {json.dumps(layers)}: {trained.stderr}")
            input = torch.tensor(x).permute(0, 3, 1, 2) if isImage else torch.tensor(x).long()

            def predicted():
                with torch.no_grad():
                    return torch.softmax(module.eval()(input), 1).numpy()

            tensors, metadata = read(run / "model.safetensors")
            module.load_state_dict(tensors)
            saved = np.abs(probabilities(options.batchwise, run, x, folder) - predicted()).max()
            with torch.no_grad():
                for name, parameter in module.state_dict().items():
                    if parameter.dtype == torch.float32:
                        change = 1 + 0.3 * torch.rand_like(parameter) if "running_var" in name else \
                            0.1 * torch.randn_like(parameter)
                        parameter.mul_(change) if "running_var" in name else parameter.add_(change)
            write(run / "model.safetensors", module.state_dict(), metadata)
            loaded = np.abs(probabilities(options.batchwise, run, x, folder) - predicted()).max()
            worst = max(worst, saved, loaded)
            print(f"net {seed:2d}: {len(layers):2d} layers, saved here {saved:.1e}, saved by PyTorch {loaded:.1e}", flush=True)
    print(f"largest difference {worst:.1e}")
    sys.exit(int(worst > 1e-5))


if __name__ == "__main__":
    main()
