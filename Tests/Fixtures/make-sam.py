"""Writes sam.json: a model's parameters after updates of sharpness-aware minimisation around torch.optim, in float64.

Usage: python make-sam.py [OUTPUT]

The two steps are those of the recipe that most programs for PyTorch follow: climb by rho g / (|g| + 1e-12), compute the
gradient again, go back, and let the optimizer step. `plain` is the same run without the climb, and `parts` a run in which
each third of the batch climbs by its own gradient, as it does where every micro-batch is seen as a batch.
Features and first parameters are sines, so that a test makes its own.
"""

import json
import math
import pathlib
import sys

import torch

UPDATES, EXAMPLES, FEATURES, CLASSES = 20, 12, 6, 3
POINTS = [1, 20]
SHAPES = {"0.weight": [5, FEATURES], "0.bias": [5], "2.weight": [4, 5], "2.bias": [4], "4.weight": [CLASSES, 4],
          "4.bias": [CLASSES]}
CASES = [
    {"name": "sgd", "optimizer": {"sgd": {}}, "learningRate": 0.3, "sam": {"rho": 0.2}},
    {"name": "momentum, decay, clipped", "optimizer": {"sgd": {"momentum": 0.9, "weight-decay": 0.02}},
     "learningRate": 0.1, "sam": {"rho": 0.3}, "clip": {"norm": 0.4}},
    {"name": "adam, decay, clipped", "optimizer": {"adam": {"weight-decay": 0.02}}, "learningRate": 0.02,
     "sam": {"rho": 0.2}, "clip": {"value": 0.05}},
    {"name": "adaptive", "optimizer": {"sgd": {"momentum": 0.9, "nesterov": True}}, "learningRate": 0.1,
     "sam": {"rho": 0.5, "adaptive": True}},
]


def sines(shape, place):
    i = torch.arange(math.prod(shape), dtype=torch.float64)
    return (0.5 * torch.sin(1 + 0.7 * i * i + 1.9 * place)).reshape(shape)


def loss(w, x, y):
    h = torch.tanh(torch.nn.functional.linear(x, w["0.weight"], w["0.bias"]))
    h = torch.tanh(torch.nn.functional.linear(h, w["2.weight"], w["2.bias"]))
    return torch.nn.functional.cross_entropy(torch.nn.functional.linear(h, w["4.weight"], w["4.bias"]), y)


def optimizer_of(recipe, w):
    (kind, o), = recipe["optimizer"].items()
    decay = o.get("weight-decay", 0.0)
    groups = [{"params": [w[n] for n in w if n.endswith("weight")], "weight_decay": decay},
              {"params": [w[n] for n in w if n.endswith("bias")], "weight_decay": 0.0}]
    if kind == "adam":
        return torch.optim.Adam(groups, lr=recipe["learningRate"])
    return torch.optim.SGD(groups, lr=recipe["learningRate"], momentum=o.get("momentum", 0.0),
                           nesterov=o.get("nesterov", False))


def uphill_gradient(w, x, y, sam):
    """The gradient at w + e; w is as before."""
    values = list(w.values())
    gradients = torch.autograd.grad(loss(w, x, y), values)
    with torch.no_grad():
        old = [v.clone() for v in values]
        scales = [v.abs() if sam.get("adaptive") else torch.ones_like(v) for v in values]
        norm = torch.norm(torch.stack([(s * g).norm() for s, g in zip(scales, gradients, strict=True)]))
        for v, s, g in zip(values, scales, gradients, strict=True):
            v.add_(s * s * g * (sam["rho"] / (norm + 1e-12)))
    found = torch.autograd.grad(loss(w, x, y), values)
    with torch.no_grad():
        for v, o in zip(values, old, strict=True):
            v.copy_(o)
    return found


def run(recipe, sam, parts=1):
    w = {name: sines(shape, place).requires_grad_() for place, (name, shape) in enumerate(SHAPES.items())}
    optimizer = optimizer_of(recipe, w)
    x = 4 * sines([EXAMPLES, FEATURES], 20)
    y = torch.tensor([(5 * i + i // 4) % CLASSES for i in range(EXAMPLES)])
    found = []
    for update in range(1, UPDATES + 1):
        gradients = [uphill_gradient(w, x[part], y[part], sam) for part in torch.arange(EXAMPLES).chunk(parts)]
        for v, *own in zip(w.values(), *gradients, strict=True):
            v.grad = sum(own) / parts
        clip = recipe.get("clip", {})
        if "norm" in clip:
            torch.nn.utils.clip_grad_norm_(list(w.values()), clip["norm"])
        if "value" in clip:
            torch.nn.utils.clip_grad_value_(list(w.values()), clip["value"])
        optimizer.step()
        if update in POINTS:
            found.append({n: [float(f"{a:.10g}") for a in v.detach().flatten().tolist()] for n, v in w.items()})
    return found


def main():
    output = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).with_name("sam.json")
    body = ",\n".join(
        json.dumps(case | {
            "found": run(case, case["sam"]), "plain": run(case, {"rho": 0})[-1],
            "parts": run(case, case["sam"], parts=3)[-1]})
        for case in CASES)
    output.write_text(f'{{"points": {json.dumps(POINTS)}, "cases": [\n{body}\n]}}\n')


if __name__ == "__main__":
    main()
