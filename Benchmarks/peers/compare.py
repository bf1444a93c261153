"""Batchwise beside PyTorch and JAX: the same work in turn, medians of several rounds, as one Markdown table.

    python compare.py --workloads mlp-784-128-10 --batches 1 32 --rounds 3

First the losses of 20 updates from the same parameters must agree to 1e-3, in every framework. Then come what the machine
can do (a large matrix product, and memory), and the times. The floor of an update is the larger of its arithmetic at
the rate of the matrix product and, where parameters, state and data do not fit the last cache, its bytes at the rate
of memory. Batchwise chooses its threads; every peer's time is the better of one and two.

Needs `swift build -c release` in Benchmarks, and the environment that `setup` makes.
"""

import argparse
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

from workloads import EXAMPLES, WORKLOADS

HERE = Path(__file__).parent
OURS = HERE.parent / ".build/release/updates"
BATCHES = [2**i for i in range(13) if i != 1]
LAST_CACHE = 32 << 20


def lines(command, **environment):
    result = subprocess.run(command, capture_output=True, text=True, env=os.environ | environment)
    if result.returncode != 0:
        sys.exit(f"{command[0]} failed:\n{result.stderr[-2000:]}")
    return [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")]


def peers(args, workload, batches, *more, **environment):
    modes = [mode for mode in args.modes if not (mode == "scan" and WORKLOADS[workload].has_images)]
    return lines([
        sys.executable, HERE / "updates.py", "--parameters", args.folder, "--workloads", workload, "--modes", *modes,
        "--batches", *map(str, batches), "--seconds", args.seconds, *more], **environment)


def ours(workload, batches, *more):
    return lines([OURS, "--workloads", workload, "--batches", *map(str, batches), *more])


def check(args):
    """The largest relative difference of a loss to ours, over 20 updates of 32 examples."""
    worst = 0
    for workload in args.workloads:
        expected = ours(workload, [32], "--threads", "auto", "--check")[0]["losses"]
        for line in peers(args, workload, [32], "--check", "--threads", "2", LEARNING_RATE="0.01"):
            difference = max(abs(a - b) / abs(b) for a, b in zip(expected, line["losses"], strict=True))
            worst = max(worst, difference)
            if not difference <= 1e-3:
                sys.exit(f"{workload}: losses of {line['framework']} {line['mode']} differ from ours by {difference:.2g}")
    print(f"losses of 20 updates agree to {worst:.1g}\n", flush=True)


def ceilings(args):
    found = lines([HERE.parent / "ceiling/run"]) + lines([sys.executable, HERE / "gemm.py", "--seconds", "0.5"])
    gemm = max(line["gflops_median"] for line in found if line["operation"] == "gemm-float32" and line["threads"] == 2)
    memory = max(line.get("gigabytes_per_second", 0) for line in found)
    for line in found:
        rate = line.get("gflops_median") or line["gigabytes_per_second"]
        unit = "GFLOP/s" if "gflops_median" in line else "GB/s"
        print(f"- {line['framework']}, {line['operation']}, {line['threads']} threads: {rate} {unit}")
    print(flush=True)
    return gemm, memory


def floor(workload, batch, gemm, memory):
    """Microseconds."""
    state, data = 8 * workload.parameter_count, 4 * EXAMPLES * workload.features
    # weights are read forward, and again backward on the way to being written; velocity is read and written
    moved = (20 * workload.parameter_count if state > LAST_CACHE else 0) + (
        4 * workload.features * batch if state + data > LAST_CACHE else 0)
    return max(workload.flops * batch / gemm / 1e3, moved / memory / 1e3)


def row(name, batch, medians, spreads, gemm, memory):
    workload = WORKLOADS[name]
    mine = medians[name, batch, "batchwise"]
    theirs = {mode: medians.get((name, batch, mode)) for mode in ["eager", "compile", "jit", "scan"]}
    calls = [value for mode, value in theirs.items() if value and mode != "scan"]
    best = min([value for value in theirs.values() if value], default=math.nan)
    lowest = floor(workload, batch, gemm, memory)
    return {
        "workload": name, "batch": batch, "batchwise": mine, "spread": spreads[name, batch], **theirs,
        "examples_per_second": batch / mine * 1e6, "gflops": workload.flops * batch / mine / 1e3, "floor": lowest,
        "ratio": best / mine, "call_ratio": min(calls, default=math.nan) / mine, "of_floor": mine / lowest,
        "share": workload.flops * batch / mine / 1e3 / gemm}


def show(found):
    def cell(value):
        return "-" if not value or value != value else f"{value:.2f}" if value < 10 else f"{value:,.0f}"

    print("| workload | B | Batchwise us | spread | examples/s | GFLOP/s | of GEMM | times floor | PyTorch eager "
          "| PyTorch compile | JAX jit | JAX scan | ratio to best call | ratio to best |")
    print("|---" * 14 + "|")
    for r in found:
        print(f"| {r['workload']} | {r['batch']} | {cell(r['batchwise'])} | {r['spread']:.0%} "
              f"| {r['examples_per_second']:,.0f} | {cell(r['gflops'])} | {r['share']:.0%} | {cell(r['of_floor'])} | "
              + " | ".join(cell(r[mode]) for mode in ["eager", "compile", "jit", "scan"])
              + f" | {r['call_ratio']:.1f} | {r['ratio']:.1f} |")
    print()
    for title, rows, ratio, margin in [
            ("B <= 32", [r for r in found if r["batch"] <= 32], 3, 1.3),
            ("B >= 64", [r for r in found if r["batch"] >= 64], 1.5, 1.15)]:
        rows = [r for r in rows if r["ratio"] == r["ratio"]]
        if not rows:
            continue
        for kind in ["call_ratio", "ratio"]:
            mean = math.exp(statistics.mean(math.log(r[kind]) for r in rows))
            met = sum(r[kind] >= ratio or r["of_floor"] <= margin for r in rows)
            ahead = sum(r[kind] >= 1 for r in rows)
            print(f"- {title}, {'a call an update' if kind == 'call_ratio' else 'scan too'}: geometric mean {mean:.1f}; "
                  f"at least {ratio} times as fast or within {margin} of the floor: {met} of {len(rows)}; "
                  f"ahead: {ahead} of {len(rows)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workloads", nargs="+", default=list(WORKLOADS))
    parser.add_argument("--batches", nargs="+", type=int, default=BATCHES)
    parser.add_argument("--modes", nargs="+", default=["eager", "compile", "jit", "scan"])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", default="0.2")
    parser.add_argument("--json", type=Path, help="also write the rows to this file")
    args = parser.parse_args()

    with tempfile.TemporaryDirectory() as args.folder:
        subprocess.run([OURS, "--workloads", *args.workloads, "--export", args.folder], check=True)
        check(args)
        gemm, memory = ceilings(args)
        times, mine = defaultdict(list), defaultdict(list)
        for _ in range(args.rounds):
            for workload in args.workloads:
                for line in ours(workload, args.batches, "--threads", "auto", "--seconds", args.seconds):
                    mine[workload, line["batch"]].append(line["microseconds_median"])
                for line in peers(args, workload, args.batches):
                    times[workload, line["batch"], line["mode"], line["threads"]].append(line["microseconds_median"])
    medians = {(*key, "batchwise"): statistics.median(values) for key, values in mine.items()}
    spreads = {key: (max(values) - min(values)) / statistics.median(values) for key, values in mine.items()}
    for (workload, batch, mode, _), values in times.items():
        key, value = (workload, batch, mode), statistics.median(values)
        medians[key] = min(value, medians.get(key, value))
    found = [row(name, batch, medians, spreads, gemm, memory) for name, batch in mine]
    show(found)
    if args.json:
        args.json.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
