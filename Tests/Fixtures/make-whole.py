"""Writes whole.json: a model's parameters after some of 100 updates that need its whole gradient, in float64.

Usage: python make-whole.py [OUTPUT]

Clipping is torch.nn.utils.clip_grad_norm_ and clip_grad_value_, groups are those of torch.optim, Muon is torch.optim.Muon
with its Newton-Schulz steps in float64 in place of bfloat16 (and AdamW for what is no hidden matrix), averages are those of
torch.optim.swa_utils. LARS and LAMB, which PyTorch has not, are written out after their papers.
Gradients and the first parameters are sines, so that a test makes its own.
"""

import json
import math
import pathlib
import sys

import torch
from torch.optim import _muon
from torch.optim.swa_utils import AveragedModel, get_ema_avg_fn

UPDATES = 100
POINTS = [1, 10, 100]
# A convolution of two groups, two hidden dense layers, and the last layer.
SHAPES = {
    "0.weight": [4, 1, 2, 2], "0.bias": [4], "2.weight": [5, 16], "2.bias": [5], "4.weight": [18, 5], "4.bias": [18],
    "6.weight": [3, 18], "6.bias": [3],
}
HIDDEN = ["0.weight", "2.weight", "4.weight"]


def sines(shape, place, update):
    """The number at i of parameter `place`: its value at update 0, and else its gradient."""
    i = torch.arange(math.prod(shape), dtype=torch.float64)
    scale = 0.5 if update == 0 else 0.2 * (1 + place)
    return (scale * torch.sin(1 + 0.7 * i * i + 1.9 * place + 2.3 * update)).reshape(shape)


class Sines(torch.nn.Module):
    def __init__(self):
        super().__init__()
        for place, (name, shape) in enumerate(SHAPES.items()):
            self.register_parameter(name.replace(".", "_"), torch.nn.Parameter(sines(shape, place, 0)))

    def of(self, name):
        return getattr(self, name.replace(".", "_"))


def newton_schulz_in_float64(grad, coefficients, steps, eps):
    """As in torch.optim, without the rounding to bfloat16."""
    a, b, c = coefficients
    x = grad.T if grad.size(0) > grad.size(1) else grad
    x = x / x.norm().clamp(min=eps)
    for _ in range(steps):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.T if grad.size(0) > grad.size(1) else x


_muon._zeropower_via_newtonschulz = newton_schulz_in_float64


def lars(model, velocity, rate, momentum, trust, decay):
    for name, w in model.items():
        d = decay if w.ndim > 1 else 0.0
        norm, size = w.grad.norm(), w.norm()
        local = trust * size / (norm + d * size) if w.ndim > 1 and norm > 0 and size > 0 else 1.0
        velocity[name] = momentum * velocity.get(name, 0) + local * (w.grad + d * w)
        w.sub_(rate * velocity[name])


def lamb(model, state, t, rate, beta1, beta2, epsilon, decay):
    for name, w in model.items():
        d = decay if w.ndim > 1 else 0.0
        m, v = state.get(name, (torch.zeros_like(w), torch.zeros_like(w)))
        m, v = beta1 * m + (1 - beta1) * w.grad, beta2 * v + (1 - beta2) * w.grad ** 2
        state[name] = (m, v)
        r = (m / (1 - beta1 ** t)) / ((v / (1 - beta2 ** t)).sqrt() + epsilon) + d * w
        ratio = w.norm() / r.norm() if w.ndim > 1 and r.norm() > 0 and w.norm() > 0 else 1.0
        w.sub_(rate * ratio * r)


def sgd(model, decay=0.0, **settings):
    decays = [model.of(n) for n in SHAPES if n.endswith("weight")]
    others = [model.of(n) for n in SHAPES if not n.endswith("weight")]
    return torch.optim.SGD(
        [{"params": decays, "weight_decay": decay}, {"params": others, "weight_decay": 0.0}], lr=0.05, **settings)


def run(recipe):
    model = Sines()
    parameters = {name: model.of(name) for name in SHAPES}
    (kind, o), = recipe["optimizer"].items()
    clip, rate = recipe.get("clip", {}), recipe["learningRate"]
    optimizers, matrices, state = [], {}, {}
    if kind == "sgd" and "groups" in recipe:
        def of(name):
            decay = o["weight-decay"] if name.endswith("weight") else 0.0
            return {"params": [parameters[name]], "lr": rate * (0.1 if name.startswith("0.") else 1),
                    "weight_decay": 0.02 if name.endswith("bias") else decay}
        optimizers = [torch.optim.SGD([of(n) for n in SHAPES if not n.startswith("4.")], momentum=o["momentum"])]
    elif kind == "sgd":
        optimizers = [sgd(model, decay=o["weight-decay"], momentum=o["momentum"])]
        for group in optimizers[0].param_groups:
            group["lr"] = rate
    elif kind == "muon":
        matrices = {name: torch.nn.Parameter(parameters[name].detach().reshape(SHAPES[name][0], -1).clone())
                    for name in HIDDEN}
        fn = {"adamw": "match_rms_adamw", "original": "original"}[o["length"]]
        rest = [n for n in SHAPES if n not in HIDDEN]
        optimizers = [
            torch.optim.Muon(list(matrices.values()), lr=rate, weight_decay=o["weight-decay"], momentum=o["momentum"],
                             nesterov=o["nesterov"], adjust_lr_fn=fn),
            torch.optim.AdamW(
                [{"params": [parameters[n] for n in rest if n.endswith("weight")], "weight_decay": o["weight-decay"]},
                 {"params": [parameters[n] for n in rest if n.endswith("bias")], "weight_decay": 0.0}],
                lr=rate, betas=(o["beta1"], o["beta2"]), eps=o["epsilon"])]
    averages = {"ema": AveragedModel(model, avg_fn=get_ema_avg_fn(0.9)), "swa": AveragedModel(model)}
    found, norms = [], []
    for update in range(1, UPDATES + 1):
        for place, (name, w) in enumerate(parameters.items()):
            w.grad = sines(w.shape, place, update)
        trained = [w for n, w in parameters.items() if "groups" not in recipe or not n.startswith("4.")]
        norms.append(float(torch.nn.utils.get_total_norm([w.grad for w in trained])))
        if "norm" in clip:
            torch.nn.utils.clip_grad_norm_(trained, clip["norm"])
        if "parameter-norm" in clip:
            for w in trained:
                torch.nn.utils.clip_grad_norm_([w], clip["parameter-norm"])
        if "value" in clip:
            torch.nn.utils.clip_grad_value_(trained, clip["value"])
        for name, matrix in matrices.items():
            matrix.grad = parameters[name].grad.reshape(matrix.shape).clone()
        with torch.no_grad():
            if kind == "lars":
                lars(parameters, state, rate, o["momentum"], o["trust"], o["weight-decay"])
            if kind == "lamb":
                lamb(parameters, state, update, rate, o["beta1"], o["beta2"], o["epsilon"], o["weight-decay"])
        for optimizer in optimizers:
            optimizer.step()
        with torch.no_grad():
            for name, matrix in matrices.items():
                parameters[name].copy_(matrix.reshape(SHAPES[name]))
        averages["ema"].update_parameters(model)
        if update >= 40 and (update - 40) % 15 == 0:
            averages["swa"].update_parameters(model)
        if update in POINTS:
            found.append({n: numbers(w) for n, w in parameters.items()})
    result = recipe | {"found": found, "norms": [norms[p - 1] for p in POINTS]}
    if recipe.get("averages"):
        for kind, average in averages.items():
            result[kind] = {n: numbers(average.module.of(n)) for n in SHAPES}
    return result


def numbers(tensor):
    return [float(f"{v:.10g}") for v in tensor.detach().flatten().tolist()]


SGD = {"sgd": {"momentum": 0.9, "weight-decay": 0.01}}
MUON = {"momentum": 0.95, "nesterov": True, "weight-decay": 0.1, "length": "adamw", "beta1": 0.9, "beta2": 0.95,
        "epsilon": 1e-10}
LAMB = {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-6, "weight-decay": 0.01}
CASES = [
    {"name": "averages", "optimizer": SGD, "learningRate": 0.02, "averages": True},
    {"name": "norm", "optimizer": SGD, "learningRate": 0.02, "clip": {"norm": 1.5}},
    {"name": "parameter norm", "optimizer": SGD, "learningRate": 0.02, "clip": {"parameter-norm": 0.8}},
    {"name": "value", "optimizer": SGD, "learningRate": 0.02, "clip": {"value": 0.3}},
    {"name": "groups", "optimizer": SGD, "learningRate": 0.02, "clip": {"norm": 1.5}, "groups": [
        {"match": "0", "rate": 0.1}, {"match": "*.bias", "weight-decay": 0.02}, {"match": "4", "freeze": True}]},
    {"name": "lars", "optimizer": {"lars": {"momentum": 0.9, "trust": 0.01, "weight-decay": 0.01}}, "learningRate": 0.2},
    {"name": "lars clipped", "optimizer": {"lars": {"momentum": 0.9, "trust": 0.01, "weight-decay": 0.01}},
     "learningRate": 0.2, "clip": {"norm": 0.5}},
    {"name": "lamb", "optimizer": {"lamb": LAMB}, "learningRate": 0.01},
    {"name": "lamb clipped", "optimizer": {"lamb": LAMB}, "learningRate": 0.01, "clip": {"value": 0.3}},
    {"name": "muon", "optimizer": {"muon": MUON}, "learningRate": 0.002},
    {"name": "muon original", "optimizer": {"muon": MUON | {"nesterov": False, "length": "original"}},
     "learningRate": 0.005, "clip": {"norm": 1.0}},
]


def main():
    output = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).with_name("whole.json")
    body = ",\n".join(json.dumps(run(case)) for case in CASES)
    output.write_text(f'{{"points": {json.dumps(POINTS)}, "cases": [\n{body}\n]}}\n')


if __name__ == "__main__":
    main()
