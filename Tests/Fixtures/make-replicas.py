"""Writes replicas.json: a small network's parameters after DiLoCo, EASGD and eager outer steps, in float64 NumPy.

Usage: python make-replicas.py [OUTPUT]

Nothing here comes from the library: the order of the examples is computed from its description (SplitMix64 and a Feistel
network), and the rules are those of the papers, written as plain loops. Features and first parameters are sines, rounded to
float32 as a test makes them.
"""

import json
import math
import pathlib
import sys

import numpy as np

EXAMPLES, FEATURES, HIDDEN, CLASSES, BATCH, EPOCHS, SEED = 50, 4, 5, 3, 12, 4, 11
SHAPES = {"0.weight": [HIDDEN, FEATURES], "0.bias": [HIDDEN], "2.weight": [CLASSES, HIDDEN], "2.bias": [CLASSES]}
SGD = {"sgd": {"momentum": 0.5}}
ADAMW = {"adamw": {"weight-decay": 0.02}}
OUTER = {"rate": 0.7, "momentum": 0.9, "nesterov": True}
HEAVY_BALL = {"rate": 0.5, "momentum": 0.6, "nesterov": False}
CASES = [
    {"name": "DiLoCo", "optimizer": SGD, "rate": 0.1, "replicas": {"count": 4, "updates": 3, "outer": OUTER}},
    {"name": "DiLoCo, AdamW", "optimizer": ADAMW, "rate": 0.01, "replicas": {"count": 4, "updates": 3, "outer": OUTER}},
    {"name": "DiLoCo without Nesterov", "optimizer": SGD, "rate": 0.1,
     "replicas": {"count": 3, "updates": 4, "outer": HEAVY_BALL}},
    {"name": "DiLoCo without Nesterov, AdamW", "optimizer": ADAMW, "rate": 0.01,
     "replicas": {"count": 3, "updates": 4, "outer": HEAVY_BALL}},
    {"name": "DiLoCo in fragments", "optimizer": SGD, "rate": 0.1,
     "replicas": {"count": 4, "updates": 4, "outer": OUTER, "fragments": 2}},
    {"name": "eager", "optimizer": SGD, "rate": 0.1,
     "replicas": {"count": 4, "updates": 3, "outer": OUTER | {"eager": True}}},
    {"name": "eager, AdamW", "optimizer": ADAMW, "rate": 0.01,
     "replicas": {"count": 3, "updates": 2, "outer": OUTER | {"eager": True}}},
    {"name": "eager without momentum", "optimizer": SGD, "rate": 0.1,
     "replicas": {"count": 5, "updates": 3, "outer": {"rate": 0.7, "momentum": 0.0, "nesterov": False, "eager": True}}},
    {"name": "eager in fragments", "optimizer": SGD, "rate": 0.1,
     "replicas": {"count": 4, "updates": 4, "outer": HEAVY_BALL | {"eager": True}, "fragments": 2}},
    {"name": "EASGD", "optimizer": SGD, "rate": 0.1, "replicas": {"count": 4, "updates": 3, "elastic": 0.15}},
    {"name": "EASGD, AdamW", "optimizer": ADAMW, "rate": 0.01, "replicas": {"count": 3, "updates": 2, "elastic": 0.3}},
]

# ---- the order of the examples

M32, M64, GOLDEN = (1 << 32) - 1, (1 << 64) - 1, 0x9E3779B97F4A7C15


def mix64(z):
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 & M64
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB & M64
    return z ^ (z >> 31)


def mix32(z):
    z = (z ^ (z >> 16)) * 0x7FEB352D & M32
    z = (z ^ (z >> 15)) * 0x846CA68B & M32
    return z ^ (z >> 16)


def order(epoch):
    """A Feistel network on two digits that count to about the root of the number of examples, walked until it is inside."""
    key = mix64(SEED + GOLDEN & M64)
    for word in [1, epoch, 0, 0]:  # the purpose `shuffle`, the epoch, and no example or layer
        key = mix64((key ^ word) + GOLDEN & M64)
    columns = math.isqrt(EXAMPLES - 1) + 1
    rows = -(-EXAMPLES // columns)
    pairs = 12 if EXAMPLES < 32 else 5 if EXAMPLES < 1024 else 3

    def permuted(value):
        left, right = divmod(value, columns)
        state = key
        for _ in range(pairs):
            state = state + GOLDEN & M64
            left = (left + (mix32((mix64(state) & M32) + right & M32) * rows >> 32)) % rows
            state = state + GOLDEN & M64
            right = (right + (mix32((mix64(state) & M32) + left & M32) * columns >> 32)) % columns
        return left * columns + right

    found = []
    for value in range(EXAMPLES):
        value = permuted(value)
        while value >= EXAMPLES:
            value = permuted(value)
        found.append(value)
    return found


# ---- the model

def sines(shape, place, factor=1):
    i = np.arange(math.prod(shape))
    return np.float32(factor * 0.5 * np.sin(1 + 0.7 * i * i + 1.9 * place)).astype(np.float64).reshape(shape)


X = sines([EXAMPLES, FEATURES], 20, 4)
Y = np.array([(5 * i + i // 4) % CLASSES for i in range(EXAMPLES)])


def gradient(w, rows):
    """The mean gradient of the cross-entropy over these examples."""
    h = np.tanh(X[rows] @ w["0.weight"].T + w["0.bias"])
    z = h @ w["2.weight"].T + w["2.bias"]
    p = np.exp(z - z.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    p[np.arange(len(rows)), Y[rows]] -= 1
    p /= len(rows)
    d = (p @ w["2.weight"]) * (1 - h * h)
    return {"0.weight": d.T @ X[rows], "0.bias": d.sum(axis=0), "2.weight": p.T @ h, "2.bias": p.sum(axis=0)}


class Inner:
    """The optimizer of one replica. Weights decay and biases do not, as in the library."""

    def __init__(self, recipe, rate):
        (self.kind, self.options), = recipe.items()
        self.rate = rate
        self.first = {name: np.zeros(shape) for name, shape in SHAPES.items()}
        self.second = {name: np.zeros(shape) for name, shape in SHAPES.items()}

    def step(self, w, g, number):
        for n in w:
            if self.kind == "sgd":
                self.first[n] = self.options["momentum"] * self.first[n] + g[n]
                w[n] = w[n] - self.rate * self.first[n]
                continue
            decay = self.options["weight-decay"] if n.endswith("weight") else 0
            w[n] = w[n] * (1 - self.rate * decay)
            self.first[n] = 0.9 * self.first[n] + 0.1 * g[n]
            self.second[n] = 0.999 * self.second[n] + 0.001 * g[n] ** 2
            mean, square = self.first[n] / (1 - 0.9 ** number), self.second[n] / (1 - 0.999 ** number)
            w[n] = w[n] - self.rate * mean / (np.sqrt(square) + 1e-8)


class Outer:
    """SGD with momentum on changes of a model."""

    def __init__(self, outer, w):
        self.outer, self.w = outer, dict(w)
        self.velocity = {n: np.zeros(shape) for n, shape in SHAPES.items()}

    def step(self, n, d):
        m = self.outer["momentum"]
        self.velocity[n] = m * self.velocity[n] + d
        self.w[n] = self.w[n] - self.outer["rate"] * (
            d + m * self.velocity[n] if self.outer["nesterov"] else self.velocity[n])


def run(case):
    replicas = case["replicas"]
    count, period = replicas["count"], replicas["updates"]
    start = {n: sines(shape, place) for place, (n, shape) in enumerate(SHAPES.items())}
    models = [dict(start) for _ in range(count)]
    inner = [Inner(case["optimizer"], case["rate"]) for _ in range(count)]
    names = list(SHAPES)
    # the first parameter is about half of the numbers
    fragments = [names[:1], names[1:]] if replicas.get("fragments") == 2 else [names]
    firsts = [(i + 1) * period // len(fragments) for i in range(len(fragments))]
    seen = [np.zeros(count) for _ in fragments]
    centre = dict(start)
    rule = replicas.get("outer", {})
    outer = Outer(rule, start)
    own = [Outer(rule, start) for _ in range(count)]  # eager: each replica steps by itself
    zeros = {n: np.zeros(shape) for n, shape in SHAPES.items()}
    old = [dict(zeros) for _ in range(count)]  # eager: the shares of the mean that is on its way
    number, last = 0, EPOCHS * -(-EXAMPLES // BATCH)
    for epoch in range(1, EPOCHS + 1):
        places = order(epoch)
        for begin in range(0, EXAMPLES, BATCH):
            rows = places[begin:begin + BATCH]
            before = [dict(w) for w in models]
            pulled = "elastic" in replicas and number > 0 and number % period == 0
            number += 1
            for r in range(count):
                part = rows[len(rows) * r // count:len(rows) * (r + 1) // count]
                for counts in seen:
                    counts[r] += len(part)
                if part:
                    inner[r].step(models[r], gradient(models[r], part), number)
            if pulled:
                a = replicas["elastic"]
                for n in names:
                    for r in range(count):
                        models[r][n] = models[r][n] - a * (before[r][n] - centre[n])
                    centre[n] = centre[n] + a * sum(before[r][n] - centre[n] for r in range(count))
            for f, fragment in enumerate(fragments):
                due = number >= firsts[f] and (number - firsts[f]) % period == 0
                if "elastic" in replicas or not (due or number == last):
                    continue
                part = seen[f] / seen[f].sum()
                seen[f] = np.zeros(count)
                for n in fragment:
                    if not rule.get("eager"):
                        outer.step(n, sum(part[r] * (outer.w[n] - models[r][n]) for r in range(count)))
                        for r in range(count):
                            models[r][n] = outer.w[n]
                        continue
                    mean = sum(old[r][n] for r in range(count))
                    outer.step(n, mean)
                    for r in range(count):
                        new = part[r] * (own[r].w[n] - models[r][n])
                        own[r].step(n, new + mean - old[r][n])
                        old[r][n] = new
                        models[r][n] = own[r].w[n]
                    if number == last:
                        outer.step(n, sum(old[r][n] for r in range(count)))
    return centre if "elastic" in replicas else outer.w


def main():
    output = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).with_name("replicas.json")

    def numbers(w):
        return {n: [float(f"{a:.10g}") for a in v.ravel()] for n, v in w.items()}

    body = ",\n".join(json.dumps(case | {"found": numbers(run(case))}) for case in CASES)
    orders = json.dumps([order(epoch) for epoch in range(1, EPOCHS + 1)])
    output.write_text(f'{{"orders": {orders},\n"cases": [\n{body}\n]}}\n')


if __name__ == "__main__":
    main()
