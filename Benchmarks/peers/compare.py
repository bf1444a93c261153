"""Batchwise beside PyTorch and JAX: the same work in turn, several rounds, medians and ratios as a Markdown table.

    python compare.py --workloads mlp-784-128-10 --batches 1 32 --rounds 3

Needs `swift build -c release` in Benchmarks, and the environment that `setup` makes.
"""

import argparse
import json
import statistics
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

HERE = Path(__file__).parent


def lines(command):
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return [json.loads(line) for line in output.splitlines() if line.startswith("{")]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workloads", nargs="+", default=["softmax-784-10", "mlp-784-128-10", "mlp-784-512-256-10"])
    parser.add_argument("--batches", nargs="+", default=["1", "32", "128", "512"])
    parser.add_argument("--modes", nargs="+", default=["eager", "jit", "scan"])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", default="0.5")
    parser.add_argument("--json", type=Path, help="also write the medians to this file")
    args = parser.parse_args()

    flags = ["--workloads", *args.workloads, "--batches", *args.batches, "--seconds", args.seconds, "--threads", "1", "2"]
    times = defaultdict(list)
    for _ in range(args.rounds):
        ours = lines([HERE.parent / ".build/release/updates", *flags])
        theirs = lines([sys.executable, HERE / "updates.py", *flags, "--modes", *args.modes])
        for line in ours + theirs:
            key = (line["workload"], line["batch"], line["framework"], line["mode"], line["threads"])
            times[key].append(line["microseconds_median"])
    medians = {key: statistics.median(values) for key, values in times.items()}

    print("| workload | B | Batchwise | PyTorch | JAX | ratio to the best peer |")
    print("|---|---|---|---|---|---|")
    rows = []
    for workload in args.workloads:
        for batch in map(int, args.batches):
            best = {}
            for (name, size, framework, _, _), value in medians.items():
                if (name, size) == (workload, batch):
                    best[framework] = min(value, best.get(framework, value))
            peer = min(best.get("torch", float("inf")), best.get("jax", float("inf")))
            cells = [f"{best[name]:.1f}" if name in best else "-" for name in ("batchwise", "torch", "jax")]
            print(f"| {workload} | {batch} | {' | '.join(cells)} | {peer / best['batchwise']:.1f} |")
            rows.append({"workload": workload, "batch": batch, **best})
    if args.json:
        args.json.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
