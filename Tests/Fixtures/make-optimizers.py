"""Writes optimizers.json: parameters after some of 100 updates of torch.optim in float64, for fixed gradients.

Usage: python make-optimizers.py [OUTPUT]

optimizers.json holds one vector under optimizers that work number by number; make-whole.py writes those that need norms.
Lion, which torch.optim has not, is written out here after its paper.

torch.optim.SGD has no decoupled weight decay. The cases with "decoupled": true multiply the parameters
by (1 - learningRate * weight-decay) before the call of torch.optim.SGD, which then runs without decay.
"""

import json
import math
import pathlib
import sys

import torch

UPDATES = 100
POINTS = [1, 2, 3, 10, 20, 50, 100]
SIZE = 7


def numbers(tensor):
    return [float(f"{v:.12g}") for v in tensor.tolist()]


def random(generator, *shape):
    return torch.randn(*shape, generator=generator, dtype=torch.float64).mul(1e6).round().div(1e6)


def sgd(momentum=0.0, nesterov=False, decay=0.0, decoupled=False, dampening=0.0):
    return {"sgd": {"momentum": momentum, "nesterov": nesterov, "weight-decay": decay, "decoupled": decoupled,
                    "dampening": dampening}}


def adam(kind="adam", beta1=0.9, beta2=0.999, epsilon=1e-8, decay=0.0, **more):
    return {kind: {"beta1": beta1, "beta2": beta2, "epsilon": epsilon, "weight-decay": decay} | more}


def rmsprop(smoothing=0.99, epsilon=1e-8, momentum=0.0, centered=False, decay=0.0):
    return {"rmsprop": {"smoothing": smoothing, "epsilon": epsilon, "momentum": momentum, "centered": centered,
                        "weight-decay": decay}}


def adagrad(rate_decay=0.0, initial=0.0, epsilon=1e-10, decay=0.0):
    return {"adagrad": {"rate-decay": rate_decay, "initial": initial, "epsilon": epsilon, "weight-decay": decay}}


def lion(beta1=0.9, beta2=0.99, decay=0.01):
    return {"lion": {"beta1": beta1, "beta2": beta2, "weight-decay": decay}}


WARMUP_THEN_COSINE = [
    float(f"{rate:.6g}") for rate in
    [0.1 * (t + 1) / 5 for t in range(5)]
    + [0.05 * (1 + math.cos(math.pi * t / 95)) for t in range(95)]
]

# Rates and decays that decouple are powers of two where they can be: PyTorch in float32 multiplies by the Float that is
# nearest to 1 - rate * decay in every update, as Batchwise does, which would be the largest difference to float64.
CASES = [
    ("sgd", sgd(), 0.05),
    ("sgd-decay", sgd(decay=0.01), 0.05),
    ("sgd-momentum", sgd(momentum=0.9), 0.05),
    ("sgd-momentum-decay", sgd(momentum=0.9, decay=0.01), 0.05),
    ("sgd-nesterov", sgd(momentum=0.9, nesterov=True), 0.05),
    ("sgd-nesterov-decay", sgd(momentum=0.9, nesterov=True, decay=0.01), 0.05),
    ("sgd-decoupled", sgd(decay=0.1, decoupled=True), 0.05),
    ("sgd-momentum-decoupled", sgd(momentum=0.9, decay=0.1, decoupled=True), 0.05),
    ("sgd-nesterov-decoupled", sgd(momentum=0.9, nesterov=True, decay=0.1, decoupled=True), 0.05),
    ("adam", adam(), 0.01),
    ("adam-decay", adam(decay=0.05), 0.01),
    ("adam-other-betas", adam(beta1=0.8, beta2=0.95, epsilon=1e-3), 0.02),
    ("adamw", adam("adamw", decay=0.125), 2**-7),
    ("adamw-other-betas", adam("adamw", beta1=0.85, beta2=0.98, epsilon=1e-4, decay=2**-5), 2**-6),
    ("sgd-nesterov-decay-schedule", sgd(momentum=0.9, nesterov=True, decay=0.01), WARMUP_THEN_COSINE),
    ("sgd-momentum-decoupled-schedule", sgd(momentum=0.9, decay=0.1, decoupled=True), WARMUP_THEN_COSINE),
    ("sgd-dampening", sgd(momentum=0.9, dampening=0.3, decay=0.01), 0.05),
    ("adam-amsgrad", adam(amsgrad=True), 0.01),
    ("adamw-amsgrad", adam("adamw", decay=0.125, beta2=0.9, amsgrad=True), 2**-7),
    ("nadam", adam("nadam"), 0.01),
    ("nadam-decay", adam("nadam", beta1=0.8, decay=0.05), 0.02),
    ("nadam-decoupled", adam("nadam", decay=0.125, decoupled=True), 2**-7),
    ("rmsprop", rmsprop(), 0.01),
    ("rmsprop-centered", rmsprop(centered=True, smoothing=0.9, epsilon=1e-3), 0.01),
    ("rmsprop-momentum", rmsprop(momentum=0.9, decay=0.01), 0.002),
    ("rmsprop-centered-momentum", rmsprop(momentum=0.8, centered=True, epsilon=1e-2), 0.002),
    ("adagrad", adagrad(), 0.1),
    ("adagrad-decay", adagrad(rate_decay=0.01, initial=0.1, epsilon=1e-6, decay=0.01), 0.1),
    ("lion", lion(decay=2**-6), 2**-7),
    ("lion-other-betas", lion(beta1=0.95, beta2=0.98, decay=0.25), 2**-8),
    ("nadam-schedule", adam("nadam", **{"momentum-decay": 0.01}), WARMUP_THEN_COSINE),
    ("adamw-schedule", adam("adamw", decay=0.1), WARMUP_THEN_COSINE),
]


class Lion(torch.optim.Optimizer):
    """Chen et al. 2023, algorithm 2."""

    def __init__(self, parameters, lr, betas, weight_decay):
        super().__init__(parameters, {"lr": lr, "betas": betas, "weight_decay": weight_decay})

    def step(self):
        for group in self.param_groups:
            (beta1, beta2), lr = group["betas"], group["lr"]
            for w in group["params"]:
                m = self.state[w].get("m", torch.zeros_like(w))
                with torch.no_grad():
                    w -= lr * (torch.sign(beta1 * m + (1 - beta1) * w.grad) + group["weight_decay"] * w)
                self.state[w]["m"] = beta2 * m + (1 - beta2) * w.grad


def torch_optimizer(parameter, spec):
    (kind, o), = spec.items()
    decay = o["weight-decay"]
    if kind == "sgd":
        return torch.optim.SGD(
            [parameter], lr=0.0, momentum=o["momentum"], nesterov=o["nesterov"], dampening=o["dampening"],
            weight_decay=0.0 if o["decoupled"] else decay)
    if kind == "rmsprop":
        return torch.optim.RMSprop(
            [parameter], lr=0.0, alpha=o["smoothing"], eps=o["epsilon"], momentum=o["momentum"],
            centered=o["centered"], weight_decay=decay)
    if kind == "adagrad":
        return torch.optim.Adagrad(
            [parameter], lr=0.0, lr_decay=o["rate-decay"], initial_accumulator_value=o["initial"], eps=o["epsilon"],
            weight_decay=decay)
    if kind == "lion":
        return Lion([parameter], lr=0.0, betas=(o["beta1"], o["beta2"]), weight_decay=decay)
    adam = {"betas": (o["beta1"], o["beta2"]), "eps": o["epsilon"], "weight_decay": decay}
    if kind == "nadam":
        return torch.optim.NAdam(
            [parameter], lr=0.0, momentum_decay=o.get("momentum-decay", 0.004),
            decoupled_weight_decay=o.get("decoupled", False), **adam)
    build = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[kind]
    return build([parameter], lr=0.0, amsgrad=o.get("amsgrad", False), **adam)


def trajectory(spec, rates, start, gradients):
    parameter = start.clone().requires_grad_()
    optimizer = torch_optimizer(parameter, spec)
    decoupled = spec.get("sgd", {}).get("decoupled", False)
    points = []
    for update, (rate, gradient) in enumerate(zip(rates, gradients, strict=True), 1):
        optimizer.param_groups[0]["lr"] = rate
        if decoupled:
            with torch.no_grad():
                parameter.mul_(1 - rate * spec["sgd"]["weight-decay"])
        parameter.grad = gradient.clone()
        optimizer.step()
        if update in POINTS:
            points.append(numbers(parameter))
    return points


def main():
    output = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).with_name("optimizers.json")
    generator = torch.Generator().manual_seed(42)
    start, gradients = random(generator, SIZE), random(generator, UPDATES, SIZE)
    cases = []
    for name, spec, rate in CASES:
        varies = isinstance(rate, list)
        cases.append({
            "name": name,
            "optimizer": spec,
            "learningRates" if varies else "learningRate": rate,
            "trajectory": trajectory(spec, rate if varies else [rate] * UPDATES, start, gradients),
        })
    head = json.dumps({"start": numbers(start), "points": POINTS, "gradients": [numbers(g) for g in gradients]})
    body = ",\n".join(json.dumps(c) for c in cases)
    output.write_text(f'{head[:-1]}, "cases": [\n{body}\n]}}\n')


if __name__ == "__main__":
    main()
