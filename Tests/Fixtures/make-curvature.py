"""Writes curvature.json: the spectrum of the Hessian of three small models on 100 digits, by double backward in float64.

Usage: python make-curvature.py [OUTPUT]

The digits are those of Sources/CDigits, standardised as the library does it. Parameters are sines of their places, so that
a test makes its own: number i of the parameter at place p, in PyTorch's order, is scale * sin(1 + 0.7 i^2 + 1.9 p), plus 1
where it is a gain.
"""

import json
import math
import pathlib
import re
import sys

import torch
import torch.nn.functional as F

EXAMPLES = 100
GHOST = 20
torch.set_default_dtype(torch.float64)


def digits():
    source = pathlib.Path(__file__).parents[2] / "Sources" / "CDigits" / "digits.c"
    lines = re.findall(r'"([0-9a-g]{65})"', source.read_text())
    pixels = torch.tensor([["0123456789abcdefg".index(c) for c in line[:64]] for line in lines], dtype=torch.float64)
    labels = torch.tensor([int(line[64]) for line in lines])
    training = torch.tensor([i for i in range(len(lines)) if i % 5 != 4])
    x, y = pixels[training], labels[training]
    x = (x - x.mean()) / x.std(unbiased=False)
    return x[:EXAMPLES].reshape(-1, 1, 8, 8), y[:EXAMPLES]


def mlp(x, p):
    x = torch.relu(F.linear(x.flatten(1), p["1.weight"], p["1.bias"]))
    x = torch.tanh(F.linear(x, p["3.weight"], p["3.bias"]))
    return F.linear(x, p["5.weight"], p["5.bias"])


def conv(x, p):
    x = F.max_pool2d(torch.relu(F.conv2d(x, p["0.weight"], p["0.bias"], padding=1)), 2)
    x = torch.relu(F.conv2d(x, p["3.weight"], p["3.bias"]))
    return F.linear(x.flatten(1), p["6.weight"], p["6.bias"])


def ghost_norm(x, p):
    x = F.linear(x.flatten(1), p["1.weight"], p["1.bias"])
    x = torch.cat([F.batch_norm(part, None, None, p["2.weight"], p["2.bias"], training=True) for part in x.split(GHOST)])
    return F.linear(torch.tanh(x), p["4.weight"], p["4.bias"])


CASES = {
    "mlp": (mlp, 0.3, {"1.weight": [16, 64], "1.bias": [16], "3.weight": [12, 16], "3.bias": [12],
                       "5.weight": [10, 12], "5.bias": [10]}),
    "conv": (conv, 0.3, {"0.weight": [4, 1, 3, 3], "0.bias": [4], "3.weight": [6, 4, 3, 3], "3.bias": [6],
                         "6.weight": [10, 24], "6.bias": [10]}),
    "ghost-norm": (ghost_norm, 0.3, {"1.weight": [16, 64], "1.bias": [16], "2.weight": [16], "2.bias": [16],
                                     "4.weight": [10, 16], "4.bias": [10]}),
}


def parameter(name, shape, place, scale):
    i = torch.arange(math.prod(shape), dtype=torch.float64)
    values = (scale * torch.sin(1 + 0.7 * i * i + 1.9 * place)).reshape(shape)
    return values + 1 if name == "2.weight" else values


def measure(name):
    model, scale, shapes = CASES[name]
    x, y = digits()
    first = [parameter(n, s, place, scale) for place, (n, s) in enumerate(shapes.items())]
    start = torch.cat([w.flatten() for w in first])

    def loss(vector):
        parts = vector.split([w.numel() for w in first])
        return F.cross_entropy(model(x, {n: part.reshape(s) for (n, s), part in zip(shapes.items(), parts)}), y)

    hessian = torch.autograd.functional.hessian(loss, start)
    eigenvalues = torch.linalg.eigvalsh((hessian + hessian.T) / 2).flip(0).tolist()
    return {"name": name, "scale": scale, "parameters": list(shapes), "loss": loss(start).item(),
            "largest": eigenvalues[:5], "smallest": eigenvalues[-1], "trace": hessian.trace().item(),
            "count": start.numel()}


def main():
    output = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).with_name("curvature.json")
    body = ",\n".join(json.dumps(measure(name)) for name in CASES)
    output.write_text(f'{{"examples": {EXAMPLES}, "ghost": {GHOST}, "cases": [\n{body}\n]}}\n')


if __name__ == "__main__":
    main()
