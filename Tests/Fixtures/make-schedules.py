"""Writes schedules.json: learning rates (and momentum) of torch.optim.lr_scheduler at every update of small runs, the
rates of ReduceLROnPlateau after every epoch, and trainings whose momentum is driven.

Usage: python make-schedules.py [OUTPUT]

Where the conventions differ:
- torch counts updates; the recipes of cases with a shorter last batch (100 examples in batches of 32) write their lengths
  in updates, for lengths in epochs and examples count examples.
- StepLR and MultiStepLR after a SequentialLR count from its milestone, ours from the start of training: such cases
  multiply LinearLR and MultiStepLR (ChainedScheduler).
- Our decays reach their end at the last update, as OneCycleLR does; LinearLR, PolynomialLR and CosineAnnealingLR of T
  updates would after it, so that ours are theirs of T - 1 updates.
- ReduceLROnPlateau leaves out cuts of less than 1e-8; ours makes them.
"""

import json
import math
import pathlib
import random
import sys
import warnings

import torch
from torch.optim import lr_scheduler as S

warnings.filterwarnings("ignore", category=UserWarning)

EVEN = {"examples": 320, "batch": 32, "epochs": 12}  # 10 updates an epoch
UNEVEN = {"examples": 100, "batch": 32, "epochs": 30}  # 4 updates an epoch, the last of 4 examples
UPDATES = 120
PEAK = 0.1


def number(value):
    return float(f"{value:.14g}")


def sgd(rate=PEAK):
    return torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=rate, momentum=0.9)


def adam(rate=PEAK):
    return torch.optim.Adam([torch.zeros(1, requires_grad=True)], lr=rate)


def momentum_of(group):
    return group["betas"][0] if "betas" in group else group["momentum"]


def walk(optimizer, schedule):
    rates, momenta = [], []
    for _ in range(UPDATES):
        rates.append(number(optimizer.param_groups[0]["lr"]))
        momenta.append(number(momentum_of(optimizer.param_groups[0])))
        optimizer.step()
        schedule.step()
    return rates, momenta


CASES = []


def case(name, rate, build, run=EVEN, kind=sgd, peak=PEAK, cycles=False):
    optimizer = kind(peak)
    rates, momenta = walk(optimizer, build(optimizer))
    CASES.append({"name": name, "rate": rate, **run, "rates": rates, "momenta": momenta if cycles else None})


def decay(value, **others):
    return {"base": PEAK, **others, "decay": value}


def after(steps, warmup, rest):
    """torch's SequentialLR: `warmup` for so many updates, then `rest`, which counts from there."""
    return lambda o: S.SequentialLR(o, [warmup(o), rest(o)], milestones=[steps])


def linear_warmup(steps, start):
    return lambda o: S.LinearLR(o, start_factor=start, total_iters=steps)


def one_cycle(rise=0.3, **options):
    return lambda o: S.OneCycleLR(
        o, PEAK, total_steps=UPDATES, pct_start=rise, **options)


def build_cases():
    case("constant", decay("constant"), lambda o: S.ConstantLR(o, factor=1))
    case("step", decay({"step": {"every": "3 epochs", "factor": 0.5}}), lambda o: S.StepLR(o, 30, 0.5))
    case("step, updates", decay({"step": {"every": "7 updates", "factor": 0.9}}), lambda o: S.StepLR(o, 7, 0.9), UNEVEN)
    case("multi-step", decay({"multi-step": {"at": ["2.5 epochs", "60 updates", "1952 examples"], "factor": 0.1}}),
         lambda o: S.MultiStepLR(o, [25, 60, 61], 0.1))
    case("multi-step, updates", decay({"multi-step": {"at": ["3 updates", "45 updates", "119 updates"], "factor": 0.2}}),
         lambda o: S.MultiStepLR(o, [3, 45, 119], 0.2), UNEVEN)
    case("exponential", decay({"exponential": {"factor": 0.5}}), lambda o: S.ExponentialLR(o, 0.5 ** 0.1))
    case("exponential, updates", decay({"exponential": {"factor": 0.97, "every": "1 update"}}),
         lambda o: S.ExponentialLR(o, 0.97), UNEVEN)
    case("linear", decay("linear"), lambda o: S.LinearLR(o, 1, 0, UPDATES - 1))
    case("linear to an end", decay({"linear": {"end": 0.005}}), lambda o: S.LinearLR(o, 1, 0.05, UPDATES - 1))
    case("linear from a mark", decay({"linear": {"from": "9 epochs"}}), lambda o: S.SequentialLR(
        o, [S.ConstantLR(o, factor=1), S.LinearLR(o, 1, 0, 29)], milestones=[90]))
    case("polynomial", decay({"polynomial": {"power": 2}}), lambda o: S.PolynomialLR(o, UPDATES - 1, 2))
    case("polynomial 0.9 to an end", decay({"polynomial": {"power": 0.9, "end": 0.01}}),
         lambda o: S.LambdaLR(o, lambda t: 0.1 + 0.9 * max(0, 1 - t / (UPDATES - 1)) ** 0.9))
    case("cosine", decay("cosine"), lambda o: S.CosineAnnealingLR(o, UPDATES - 1))
    case("cosine to an end", decay({"cosine": {"end": 0.002}}), lambda o: S.CosineAnnealingLR(o, UPDATES - 1, 0.002))
    case("restarts", decay({"restarts": {"first": "25 updates", "end": 0.001}}),
         lambda o: S.CosineAnnealingWarmRestarts(o, 25, eta_min=0.001), UNEVEN)
    case("restarts, doubling", decay({"restarts": {"first": "1 epoch", "factor": 2, "end": 0.001}}),
         lambda o: S.CosineAnnealingWarmRestarts(o, 10, 2, 0.001))
    case("restarts, tripling", decay({"restarts": {"first": "3 updates", "factor": 3}}),
         lambda o: S.CosineAnnealingWarmRestarts(o, 3, 3), UNEVEN)
    case("inverse square root", decay({"inverse-square-root": {"over": "10 updates"}}),
         lambda o: S.LambdaLR(o, lambda t: (1 + t / 10) ** -0.5), UNEVEN)

    w = {"warmup": "2 epochs"}  # from a tenth
    case("warmup", decay("constant", **w), linear_warmup(20, 0.1))
    case("warmup, updates", decay("constant", warmup="20 updates"), linear_warmup(20, 0.1), UNEVEN)
    case("warmup from a rate", decay("constant", warmup={"over": "640 examples", "from": 0.001}),
         linear_warmup(20, 0.01))
    case("warmup, constant", decay("constant", warmup={"over": "2 epochs", "from": 0.02, "shape": "constant"}),
         lambda o: S.ConstantLR(o, 0.2, 20))
    case("warmup, exponential", decay("constant", warmup={"over": "2 epochs", "from": 0.001, "shape": "exponential"}),
         lambda o: S.LambdaLR(o, lambda t: min(1, 0.01 ** (1 - t / 20))))
    case("warmup from the base of a scaled rate",
         {"base": 0.1, "at-batch": 8, "scaling": "linear", "warmup": "2 epochs", "decay": "cosine"},
         after(20, linear_warmup(20, 0.25), lambda o: S.CosineAnnealingLR(o, 99)), peak=0.4)
    case("warmup, cosine", decay("cosine", **w),
         after(20, linear_warmup(20, 0.1), lambda o: S.CosineAnnealingLR(o, 99)))
    case("warmup, linear", decay("linear", **w), after(20, linear_warmup(20, 0.1), lambda o: S.LinearLR(o, 1, 0, 99)))
    case("warmup, polynomial", decay({"polynomial": {"power": 3}}, **w),
         after(20, linear_warmup(20, 0.1), lambda o: S.PolynomialLR(o, 99, 3)))
    case("warmup, exponential decay", decay({"exponential": {"factor": 0.5, "every": "15 updates"}}, warmup="21 updates"),
         after(21, linear_warmup(21, 0.1), lambda o: S.ExponentialLR(o, 0.5 ** (1 / 15))), UNEVEN)
    case("warmup, restarts", decay({"restarts": {"first": "1 epoch", "factor": 2}}, **w),
         after(20, linear_warmup(20, 0.1), lambda o: S.CosineAnnealingWarmRestarts(o, 10, 2)))
    case("warmup, inverse square root", decay("inverse-square-root", **w),
         lambda o: S.LambdaLR(o, lambda t: 0.1 + 0.9 * t / 20 if t < 20 else (20 / t) ** 0.5))
    case("warmup, multi-step", decay({"multi-step": {"at": ["6 epochs", "9 epochs"]}}, **w),
         lambda o: S.ChainedScheduler([S.LinearLR(o, 0.1, total_iters=20), S.MultiStepLR(o, [60, 90], 0.1)]))
    case("warmup, step", decay({"step": {"every": "4 epochs", "factor": 0.3}}, **w),
         lambda o: S.ChainedScheduler([S.LinearLR(o, 0.1, total_iters=20), S.StepLR(o, 40, 0.3)]))

    cycle = {"low": 0.01, "up": "10 updates", "down": "15 updates"}
    driven = {"momentum": {"high": 0.95, "low": 0.8}}

    def cyclic(**options):
        return lambda o: S.CyclicLR(o, 0.01, PEAK, 10, 15, base_momentum=0.8, max_momentum=0.95, **options)

    for name, height, options in [
            ("triangular", {}, {}), ("triangular, halving", {"height": "halving"}, {"mode": "triangular2"}),
            ("triangular, exponential", {"height": {"factor": 0.98, "every": "1 update"}},
             {"mode": "exp_range", "gamma": 0.98})]:
        case(name, decay({"triangular": {**cycle, **height, **driven}}), cyclic(**options), UNEVEN, cycles=True)
    case("triangular of one length, beta1", decay({"triangular": {"low": 0.02, "up": "2 epochs", **driven}}),
         lambda o: S.CyclicLR(o, 0.02, PEAK, 20, base_momentum=0.8, max_momentum=0.95), kind=adam, cycles=True)
    case("triangular, momentum as it is", decay({"triangular": {"low": 0.02, "up": "2 epochs"}}),
         lambda o: S.CyclicLR(o, 0.02, PEAK, 20, cycle_momentum=False))

    case("one cycle", decay("one-cycle"), one_cycle(), cycles=True)
    case("one cycle, beta1", decay("one-cycle"), one_cycle(), kind=adam, cycles=True)
    case("one cycle, linear",
         decay({"one-cycle": {"shape": "linear", "rise": 0.45, "momentum": {"high": 0.9, "low": 0.7}}}),
         one_cycle(0.45, anneal_strategy="linear", base_momentum=0.7, max_momentum=0.9), cycles=True)
    case("one cycle, other divisors",
         decay({"one-cycle": {"start-divisor": 10, "end-divisor": 100, "momentum": "none"}}),
         one_cycle(div_factor=10, final_div_factor=100, cycle_momentum=False))


def plateaus():
    cases = []
    for name, settings, options, mode in [
            ("usual", {}, {}, "min"),
            ("impatient", {"factor": 0.5, "patience": 2, "minimum": 0.004}, {"factor": 0.5, "patience": 2, "min_lr": 0.004},
             "min"),
            ("cooling down", {"factor": 0.7, "patience": 1, "cooldown": 5, "threshold": 0.01},
             {"factor": 0.7, "patience": 1, "cooldown": 5, "threshold": 0.01}, "min"),
            ("no patience", {"factor": 0.9, "patience": 0}, {"factor": 0.9, "patience": 0}, "min"),
            ("accuracy", {"factor": 0.5, "patience": 3, "metric": "validation-accuracy"},
             {"factor": 0.5, "patience": 3}, "max")]:
        draw = random.Random(name)
        metrics = []
        for epoch in range(120):
            value = 2 * math.exp(-epoch / 25) + 0.3 + draw.gauss(0, 0.05)
            metrics.append(round(value if mode == "min" else 1 - value / 3, 6))
        optimizer = sgd()
        schedule = S.ReduceLROnPlateau(optimizer, mode=mode, **options)
        rates = []
        for value in metrics:
            schedule.step(value)
            rates.append(number(optimizer.param_groups[0]["lr"]))
        cases.append({"name": name, "rate": decay({"plateau": settings} if settings else "plateau"),
                      "metrics": metrics, "rates": rates})
    return cases


def trainings():
    """Least squares with all examples in every update, in float64."""
    generator = torch.Generator().manual_seed(7)

    def normal(*shape):
        return torch.randn(*shape, generator=generator, dtype=torch.float64).mul(1e3).round().div(1e3)

    x, start, bias = normal(12, 3), normal(1, 3), normal(1)
    y = x @ normal(3, 1) + 0.1 * normal(12, 1)
    y = y.mul(1e3).round().div(1e3)
    updates = 100
    cases = []
    for name, optimizer, build in [
            ("sgd", {"sgd": {"momentum": 0.5}}, lambda p: torch.optim.SGD(p, lr=1, momentum=0.5)),
            ("nesterov", {"sgd": {"momentum": 0.5, "nesterov": True}},
             lambda p: torch.optim.SGD(p, lr=1, momentum=0.5, nesterov=True)),
            ("adam", "adam", lambda p: torch.optim.Adam(p, lr=1)), ("adamw", {"adamw": {"weight-decay": 0}},
                                                                   lambda p: torch.optim.AdamW(p, lr=1, weight_decay=0))]:
        w, b = start.clone().requires_grad_(), bias.clone().requires_grad_()
        o = build([w, b])
        s = S.OneCycleLR(o, 0.05, total_steps=updates)
        trajectory = []
        for _ in range(updates):
            o.zero_grad()
            torch.nn.functional.mse_loss(x @ w.T + b, y).backward()
            o.step()
            s.step()
            trajectory.append([number(v) for v in [*w.flatten().tolist(), *b.tolist()]])
        cases.append({"name": name, "optimizer": optimizer, "rate": {"base": 0.05, "decay": "one-cycle"},
                      "trajectory": trajectory})
    return {"x": x.flatten().tolist(), "y": y.flatten().tolist(), "w": start.flatten().tolist(), "b": bias.tolist(),
            "cases": cases}


def main():
    output = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).with_name("schedules.json")
    build_cases()
    parts = []
    for key, cases in [("schedules", CASES), ("plateaus", plateaus())]:
        lines = ",\n".join(json.dumps(c) for c in cases)
        parts.append(f'"{key}": [\n{lines}\n]')
    parts.append(f'"trainings": {json.dumps(trainings())}')
    output.write_text("{" + ",\n".join(parts) + "}\n")


if __name__ == "__main__":
    main()
