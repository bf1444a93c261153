"""Draws examples a second against batch size from the file that `compare.py --json` writes: an SVG.

    python chart.py medians.json mlp-784-128-10 > ../../docs/throughput.svg
"""

import json
import math
import sys

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 400, 80, 130, 40, 50
COLOURS = {"batchwise": "#d1495b", "scan": "#2e6f95", "jit": "#66a5ad", "eager": "#6c757d"}
NAMES = {"batchwise": "Batchwise", "scan": "JAX scan", "jit": "JAX jit", "eager": "PyTorch"}


def main():
    rows = [row for row in json.load(open(sys.argv[1])) if row["workload"] == sys.argv[2]]
    series = {
        name: [(row["batch"], row["batch"] / row[name] * 1e6) for row in rows if row.get(name)] for name in COLOURS
    }
    rates = [rate for points in series.values() for _, rate in points]
    low, high = math.floor(math.log10(min(rates))), math.ceil(math.log10(max(rates)))
    batches = sorted({row["batch"] for row in rows})
    span = math.log2(batches[-1] / batches[0])

    def x(batch):
        return LEFT + (WIDTH - LEFT - RIGHT) * math.log2(batch / batches[0]) / span

    def y(rate):
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (math.log10(rate) - low) / (high - low)

    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="13">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        f'<text x="{LEFT}" y="22" font-size="15">examples a second, training {sys.argv[2]}, two cores</text>',
    ]
    for power in range(low, high + 1):
        out.append(f'<path d="M{LEFT} {y(10**power):.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>')
        out.append(f'<text x="{LEFT - 8}" y="{y(10**power) + 4:.1f}" text-anchor="end">{10**power:,}</text>')
    for batch in batches:
        out.append(f'<text x="{x(batch):.1f}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle">{batch}</text>')
    out.append(f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 10}" text-anchor="middle">batch size</text>')
    for name, points in series.items():
        if not points:
            continue
        path = " ".join(f"{x(batch):.1f},{y(rate):.1f}" for batch, rate in points)
        out.append(f'<polyline points="{path}" fill="none" stroke="{COLOURS[name]}" stroke-width="2.5"/>')
        for batch, rate in points:
            out.append(f'<circle cx="{x(batch):.1f}" cy="{y(rate):.1f}" r="3.5" fill="{COLOURS[name]}"/>')
        batch, rate = points[-1]
        offset = {"scan": -2, "jit": 10, "eager": 14}.get(name, 0)
        out.append(f'<text x="{x(batch) + 10:.1f}" y="{y(rate) + offset:.1f}" fill="{COLOURS[name]}">{NAMES[name]}</text>')
    print("\n".join(out + ["</svg>"]))


if __name__ == "__main__":
    main()
