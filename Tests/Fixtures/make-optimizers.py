"""Writes optimizers.json: parameters after each of 20 updates of torch.optim in float64, for fixed gradients.

Usage: python make-optimizers.py [OUTPUT]

torch.optim.SGD has no decoupled weight decay. The cases with "decoupled": true multiply the parameters
by (1 - learningRate * weight-decay) before the call of torch.optim.SGD, which then runs without decay.
"""

import json
import math
import pathlib
import sys

import torch

UPDATES = 20
SIZE = 7


def numbers(tensor):
    return [float(f"{v:.12g}") for v in tensor.tolist()]


def random(generator, *shape):
    return torch.randn(*shape, generator=generator, dtype=torch.float64).mul(1e6).round().div(1e6)


def sgd(momentum=0.0, nesterov=False, decay=0.0, decoupled=False):
    return {"sgd": {"momentum": momentum, "nesterov": nesterov, "weight-decay": decay, "decoupled": decoupled}}


def adam(kind="adam", beta1=0.9, beta2=0.999, epsilon=1e-8, decay=0.0):
    return {kind: {"beta1": beta1, "beta2": beta2, "epsilon": epsilon, "weight-decay": decay}}


WARMUP_THEN_COSINE = [
    float(f"{rate:.6g}") for rate in
    [0.1 * (t + 1) / 5 for t in range(5)]
    + [0.05 * (1 + math.cos(math.pi * t / 15)) for t in range(15)]
]

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
    ("adamw", adam("adamw", decay=0.1), 0.01),
    ("adamw-other-betas", adam("adamw", beta1=0.85, beta2=0.98, epsilon=1e-4, decay=0.02), 0.02),
    ("sgd-nesterov-decay-schedule", sgd(momentum=0.9, nesterov=True, decay=0.01), WARMUP_THEN_COSINE),
    ("sgd-momentum-decoupled-schedule", sgd(momentum=0.9, decay=0.1, decoupled=True), WARMUP_THEN_COSINE),
    ("adamw-schedule", adam("adamw", decay=0.1), WARMUP_THEN_COSINE),
]


def torch_optimizer(parameter, spec):
    (kind, o), = spec.items()
    if kind == "sgd":
        return torch.optim.SGD(
            [parameter], lr=0.0, momentum=o["momentum"], nesterov=o["nesterov"],
            weight_decay=0.0 if o["decoupled"] else o["weight-decay"])
    build = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[kind]
    return build([parameter], lr=0.0, betas=(o["beta1"], o["beta2"]), eps=o["epsilon"],
                 weight_decay=o["weight-decay"])


def trajectory(spec, rates, start, gradients):
    parameter = start.clone().requires_grad_()
    optimizer = torch_optimizer(parameter, spec)
    decoupled = spec.get("sgd", {}).get("decoupled", False)
    points = []
    for rate, gradient in zip(rates, gradients, strict=True):
        optimizer.param_groups[0]["lr"] = rate
        if decoupled:
            with torch.no_grad():
                parameter.mul_(1 - rate * spec["sgd"]["weight-decay"])
        parameter.grad = gradient.clone()
        optimizer.step()
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
    head = json.dumps({"start": numbers(start), "gradients": [numbers(g) for g in gradients]})
    body = ",\n".join(json.dumps(c) for c in cases)
    output.write_text(f'{head[:-1]}, "cases": [\n{body}\n]}}\n')


if __name__ == "__main__":
    main()
