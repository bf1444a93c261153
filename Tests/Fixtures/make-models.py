"""Writes models.json: small models with inputs, parameters, outputs and gradients computed by PyTorch in float64.

Usage: python make-models.py [OUTPUT]

Images are height, width, channels in the file and in the layer list; parameters keep PyTorch's names and layouts.
"""

import json
import pathlib
import sys

import torch
import torch.nn.functional as F
from torch import nn

torch.set_default_dtype(torch.float64)


class GhostBatchNorm(nn.Module):
    """Training-mode normalisation over runs of `ghost` consecutive examples; the last run may be shorter."""

    def __init__(self, channels, ghost, epsilon):
        super().__init__()
        self.ghost, self.epsilon = ghost, epsilon
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x):
        return torch.cat([
            F.batch_norm(run, None, None, self.weight, self.bias, training=True, eps=self.epsilon)
            for run in x.split(self.ghost)
        ])


class Residual(nn.Sequential):
    def forward(self, x):
        return x + super().forward(x)


class Function(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


PLAIN = {
    "relu": nn.ReLU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
    "gelu": nn.GELU,
    "silu": nn.SiLU,
    "flatten": nn.Flatten,
    "global-average-pool": lambda: Function(lambda x: x.mean(dim=(2, 3))),
    "global-max-pool": lambda: Function(lambda x: x.amax(dim=(2, 3))),
}


def is_image(shape):
    return len(shape) == 3


def named(item):
    """Splits a layer or loss into its name and its options."""
    return (item, None) if isinstance(item, str) else next(iter(item.items()))


def options(value, key):
    return value if isinstance(value, dict) else {key: value}


def layer(item, shape):
    """The PyTorch module for one layer of the list; `shape` is that of one example, channels first."""
    name, value = named(item)
    if name == "layer-norm":
        if is_image(shape):
            raise ValueError("layer-norm over the last axis of an image is not in the fixtures")
        return nn.LayerNorm(shape[-1], eps=1e-5)
    if value is None:
        return PLAIN[name]()
    match name:
        case "dense":
            o = options(value, "units")
            return nn.Linear(shape[-1], o["units"], bias=o.get("bias", True))
        case "leaky-relu":
            return nn.LeakyReLU(value)
        case "dropout":
            return nn.Dropout(value)
        case "conv":
            o = options(value, "filters")
            return nn.Conv2d(
                shape[0], o["filters"], o["kernel"], stride=o.get("stride", 1), padding=convolution_padding(o),
                dilation=o.get("dilation", 1), groups=o.get("groups", 1), bias=o.get("bias", True))
        case "max-pool" | "average-pool":
            o = options(value, "size")
            pool = nn.MaxPool2d if name == "max-pool" else nn.AvgPool2d
            return pool(o["size"], stride=o.get("stride", o["size"]))
        case "group-norm":
            return nn.GroupNorm(value, shape[0], eps=1e-5)
        case "batch-norm":
            return GhostBatchNorm(shape[0], value["ghost"], 1e-5)
        case "residual":
            return sequence(value, shape, Residual)
        case "embedding":
            return nn.Embedding(value["vocabulary"], value["width"])
    raise ValueError(f"unknown layer {item}")


def convolution_padding(o):
    """`same` for an odd kernel: dilation * (kernel - 1) / 2 on both sides, whatever the stride."""
    padding = o.get("padding", "valid")
    if padding == "valid":
        return 0
    if padding == "same":
        assert o["kernel"] % 2 == 1
        return o.get("dilation", 1) * (o["kernel"] - 1) // 2
    return padding


def output_shape(module, item, shape):
    with torch.no_grad():
        whole = named(item)[0] == "embedding"
        probe = torch.zeros(2, *shape, dtype=torch.long if whole else torch.float64)
        return tuple(module(probe).shape[1:])


def sequence(items, shape, kind=nn.Sequential):
    modules = []
    for item in items:
        module = layer(item, shape)
        shape = output_shape(module, item, shape)
        modules.append(module)
    return kind(*modules)


def example_losses(loss, prediction, targets):
    name, value = named(loss)
    o = value or {}
    if name == "softmax-cross-entropy":
        return F.cross_entropy(prediction, targets, label_smoothing=o.get("label-smoothing", 0.0), reduction="none")
    targets = targets.reshape(prediction.shape)
    match name:
        case "binary-cross-entropy":
            each = F.binary_cross_entropy_with_logits(prediction, targets, reduction="none")
        case "mse":
            each = (prediction - targets).square() * (0.5 if o.get("half") else 1.0)
        case "huber":
            each = F.huber_loss(prediction, targets, delta=o["delta"], reduction="none")
        case _:
            raise ValueError(f"unknown loss {loss}")
    return each.flatten(1).mean(dim=1)


def channels_first(shape):
    return (shape[2], shape[0], shape[1]) if is_image(shape) else tuple(shape)


def to_channels_first(x):
    return x.permute(0, 3, 1, 2).contiguous() if x.dim() == 4 else x


def to_channels_last(x):
    return x.permute(0, 2, 3, 1).contiguous() if x.dim() == 4 else x


def numbers(tensor):
    """Row-major values, rounded to 9 significant digits; whole numbers are written as integers."""
    values = [float(f"{v:.9g}") for v in tensor.detach().flatten().tolist()]
    return [int(v) if v == int(v) else v for v in values]


def rounded(tensor):
    return torch.tensor(numbers(tensor), dtype=torch.float64).reshape(tensor.shape)


def random_targets(loss, prediction_shape, generator):
    rows = prediction_shape[0]
    match named(loss)[0]:
        case "softmax-cross-entropy":
            return torch.randint(prediction_shape[1], (rows,), generator=generator)
        case "binary-cross-entropy":
            return torch.randint(2, prediction_shape, generator=generator).double()
    return rounded(1.5 * torch.randn(prediction_shape, generator=generator))


def case(name, layers, loss, shape, rows, weights=None):
    generator = torch.Generator().manual_seed(sum(ord(c) * 31**i for i, c in enumerate(name)) % 2**31)
    tokens = named(layers[0])[0] == "embedding"
    model = sequence(layers, channels_first(shape))

    with torch.no_grad():
        for key, parameter in model.named_parameters():
            spread = 1 / max(1, parameter[0].numel()) ** 0.5 if parameter.dim() > 1 else 0.3
            centre = 1.0 if parameter.dim() == 1 and key.endswith("weight") else 0.0
            parameter.copy_(rounded(centre + spread * torch.randn(parameter.shape, generator=generator)))

    if tokens:
        inputs = torch.randint(named(layers[0])[1]["vocabulary"], (rows, *shape), generator=generator)
    else:
        inputs = rounded(torch.randn(rows, *shape, generator=generator))
    x = to_channels_first(inputs)
    if not tokens:
        x.requires_grad_()

    prediction = model(x)
    targets = random_targets(loss, prediction.shape, generator)
    w = torch.ones(rows) if weights is None else torch.tensor(weights, dtype=torch.float64)
    value = (w * example_losses(loss, prediction, targets)).sum() / w.sum()
    value.backward()

    return {
        "name": name,
        "layers": layers,
        "loss": loss,
        "inputShape": list(shape),
        "rows": rows,
        "inputs": numbers(inputs),
        "targets": numbers(targets),
        "weights": weights,
        "parameters": {
            key: {"shape": list(p.shape), "values": numbers(p)} for key, p in model.named_parameters()
        },
        "output": numbers(to_channels_last(prediction)),
        "lossValue": numbers(value)[0],
        "gradients": {key: numbers(p.grad) for key, p in model.named_parameters()},
        "inputGradient": None if tokens else numbers(to_channels_last(x.grad)),
    }


CROSS_ENTROPY = "softmax-cross-entropy"

CASES = [
    dict(name="softmax-regression", layers=[{"dense": 3}], loss=CROSS_ENTROPY, shape=[4], rows=5),
    dict(name="linear-regression", layers=[{"dense": 1}], loss="mse", shape=[5], rows=7),
    dict(
        name="mlp-relu-weighted",
        layers=[{"dense": 8}, "relu", {"dense": {"units": 6, "bias": False}}, {"leaky-relu": 0.01}, {"dense": 4}],
        loss=CROSS_ENTROPY, shape=[6], rows=17,
        weights=[0.731, 1.92, 0.154, 2.45, 1.07, 0.388, 1.61, 0.902, 0.0471, 3.14, 0.577, 1.41, 1.73, 0.266, 0.845,
                 2.08, 1.33]),
    dict(
        name="mlp-tanh-smoothed",
        layers=[{"dense": 7}, "tanh", {"dropout": 0}, {"dense": 5}, "sigmoid", {"dense": 3}],
        loss={CROSS_ENTROPY: {"label-smoothing": 0.1}}, shape=[5], rows=7),
    dict(
        name="mlp-gelu-silu-binary",
        layers=[{"dense": 6}, "gelu", {"dense": 5}, "silu", {"dense": 1}],
        loss="binary-cross-entropy", shape=[4], rows=17),
    dict(
        name="mlp-half-mse-zero-weights",
        layers=[{"dense": 6}, "silu", {"dense": 3}],
        loss={"mse": {"half": True}}, shape=[4], rows=7, weights=[1, 0, 2.5, 0, 0.5, 1, 0]),
    dict(
        name="mlp-huber-layer-norm",
        layers=[{"dense": 6}, "layer-norm", "gelu", {"dense": 2}],
        loss={"huber": {"delta": 1.0}}, shape=[3], rows=17),
    dict(
        name="mlp-several-outputs-mse",
        layers=[{"dense": 5}, "tanh", {"dense": 3}],
        loss="mse", shape=[4], rows=5, weights=[1, 2, 0.5, 3, 1.5]),
    dict(
        name="mlp-several-outputs-binary",
        layers=[{"dense": 5}, "relu", {"dense": 3}],
        loss="binary-cross-entropy", shape=[4], rows=7),
    dict(
        name="batch-norm-dense",
        layers=[{"dense": 5}, {"batch-norm": {"ghost": 4}}, "relu", {"dense": 3}],
        loss=CROSS_ENTROPY, shape=[4], rows=7, weights=[1, 0.5, 2, 0.25, 1, 1.25, 0.75]),
    dict(
        name="batch-norm-image",
        layers=[{"conv": {"filters": 3, "kernel": 3, "padding": "same", "bias": False}}, {"batch-norm": {"ghost": 4}},
                "silu", "global-average-pool", {"dense": 3}],
        loss=CROSS_ENTROPY, shape=[5, 4, 2], rows=7),
    dict(
        name="convolution-pool-dense",
        layers=[{"conv": {"filters": 3, "kernel": 3, "stride": 1, "padding": "same"}}, "relu", {"max-pool": 2},
                {"conv": {"filters": 4, "kernel": 2, "padding": "valid"}}, "relu", "flatten", {"dense": 6}, "relu",
                {"dense": 3}],
        loss=CROSS_ENTROPY, shape=[7, 6, 2], rows=5),
    dict(
        name="convolution-stride-groups",
        layers=[{"conv": {"filters": 6, "kernel": 3, "stride": 2, "padding": 1, "groups": 2}}, {"group-norm": 2},
                "silu", {"average-pool": 2}, "flatten", {"dense": 3}],
        loss=CROSS_ENTROPY, shape=[8, 9, 4], rows=5),
    dict(
        name="convolution-stride-same-depthwise",
        layers=[{"conv": {"filters": 4, "kernel": 3, "stride": 2, "padding": "same", "groups": 4, "bias": False}},
                "gelu", {"conv": {"filters": 5, "kernel": 1}}, "global-average-pool", {"dense": 2}],
        loss="mse", shape=[8, 7, 4], rows=5),
    dict(
        name="convolution-dilated-overlapping-pool",
        layers=[{"conv": {"filters": 4, "kernel": 3, "dilation": 2, "padding": "same"}}, {"leaky-relu": 0.01},
                {"max-pool": {"size": 3, "stride": 2}},
                {"conv": {"filters": 4, "kernel": 3, "stride": 2, "dilation": 1, "padding": 1, "bias": True}},
                "global-max-pool", {"dense": 2}],
        loss={CROSS_ENTROPY: {"label-smoothing": 0.1}}, shape=[9, 7, 2], rows=5),
    dict(
        name="average-pool-overlapping",
        layers=[{"average-pool": {"size": 3, "stride": 2}}, "tanh", "flatten", {"dense": 2}],
        loss=CROSS_ENTROPY, shape=[7, 8, 3], rows=5),
    dict(
        name="residual-dense",
        layers=[{"dense": 6}, "relu", "layer-norm", {"residual": [{"dense": 8}, "gelu", {"dense": 6}]}, {"dense": 3}],
        loss=CROSS_ENTROPY, shape=[5], rows=17),
    dict(
        name="residual-image",
        layers=[{"conv": {"filters": 4, "kernel": 3, "padding": "same"}}, "relu",
                {"residual": [{"conv": {"filters": 4, "kernel": 3, "padding": "same", "bias": False}},
                              {"group-norm": 2}, "silu",
                              {"residual": [{"conv": {"filters": 4, "kernel": 1}}]}]},
                "global-average-pool", {"dense": 2}],
        loss="binary-cross-entropy", shape=[5, 5, 2], rows=5),
    dict(
        name="embedding-flatten",
        layers=[{"embedding": {"vocabulary": 11, "width": 4}}, "flatten", {"dense": 5}, "tanh", {"dense": 3}],
        loss=CROSS_ENTROPY, shape=[6], rows=7),
    dict(
        name="embedding-layer-norm",
        layers=[{"embedding": {"vocabulary": 11, "width": 4}}, "layer-norm", "flatten", {"dense": 1}],
        loss={"huber": {"delta": 0.5}}, shape=[5], rows=5, weights=[1, 0, 2, 0.5, 1]),
]


def main():
    output = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).with_name("models.json")
    lines = [json.dumps(case(**c), separators=(",", ":")) for c in CASES]
    output.write_text("[\n" + ",\n".join(lines) + "\n]\n")


if __name__ == "__main__":
    main()
