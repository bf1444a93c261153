"""Updates beside other programs: two threads against one while busy loops take the cores.

    swift build -c release --product updates && python3 busy.py .build/release/updates

For each workload, number of busy loops and their niceness: the mean time of an update with one thread and with the
threads that the plan chooses, in turn, so that both see the same machine; the ratio of their rates, of which 1 says
that nothing is lost to waiting; and the longest update. With --peers and a folder that `updates --export` wrote, PyTorch
and JAX run in the same rounds. The loops end with the script.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

CASES = [
    ("mlp-784-128-10", 32), ("mlp-784-128-10", 128), ("mlp-784-128-10", 512), ("mlp-784-512-256-10", 8),
    ("mlp-784-512-256-10", 32), ("mlp-784-512-256-10", 128), ("softmax-784-10", 128), ("conv-32-64-128", 32),
    ("mlp-1024-2048-2048-10", 128), ("resnet-16-32-64", 32), ("mlp-14-128-64-2", 128), ("logistic-123-sparse", 512),
    ("linear-100", 512), ("linear-5", 512),
]
LOADS = [(0, 0), (2, 0), (4, 0), (8, 0), (2, 10), (4, 10), (8, 10)]
LOOP = "while True: pass"


def updates(program, workload, batch, threads, seconds, *options):
    done = subprocess.run(
        [program, "--workloads", workload, "--batches", str(batch), "--threads", str(threads), "--seconds", str(seconds),
         *options], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def peers(folder, workload, batch, seconds):
    """Microseconds an update of each framework, the better of one and two threads."""
    here = Path(__file__).parent / "peers"
    done = subprocess.run(
        [here / ".venv/bin/python", here / "updates.py", "--modes", "eager", "jit", "--workloads", workload, "--batches",
         str(batch), "--seconds", str(seconds), "--parameters", folder], capture_output=True, text=True, check=True)
    best = {}
    for line in map(json.loads, filter(None, done.stdout.splitlines())):
        name, time = line["framework"], line["microseconds_median"]
        best[name] = min(time, best.get(name, time))
    return best


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--cases", nargs="+", type=int, help="numbers of cases, from 0")
    parser.add_argument("--loads", nargs="+", type=int, help="numbers of loads, from 0")
    parser.add_argument("--peers", metavar="FOLDER")
    options = parser.parse_args()
    cases = [CASES[i] for i in options.cases] if options.cases else CASES
    loads = [LOADS[i] for i in options.loads] if options.loads else LOADS
    for count, nice in loads:
        loops = [
            subprocess.Popen([sys.executable, "-c", LOOP], preexec_fn=(lambda: os.nice(nice)) if nice else None)
            for _ in range(count)]
        try:
            for workload, batch in cases:
                ratios, longest, found = [], [], {}
                for _ in range(options.rounds):
                    one = updates(options.program, workload, batch, 1, options.seconds)
                    both = updates(options.program, workload, batch, 2, options.seconds, "--longest")
                    ratios.append(one["microseconds_mean"] / both["microseconds_mean"])
                    longest.append(both["milliseconds_longest"])
                    found.setdefault("batchwise", []).append(both["microseconds_mean"])
                    if options.peers:
                        for name, time in peers(options.peers, workload, batch, options.seconds).items():
                            found.setdefault(name, []).append(time)
                line = {
                    "loops": count, "nice": nice, "workload": workload, "batch": batch,
                    "two_threads_against_one": round(statistics.median(ratios), 3),
                    "spread": [round(min(ratios), 3), round(max(ratios), 3)], "milliseconds_longest": max(longest),
                    "microseconds": {name: round(statistics.median(times), 1) for name, times in found.items()},
                }
                print(json.dumps(line), flush=True)
        finally:
            for loop in loops:
                loop.kill()
                loop.wait()


if __name__ == "__main__":
    main()
