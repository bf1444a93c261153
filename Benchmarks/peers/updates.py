"""Microseconds an update in PyTorch and JAX: SGD with momentum, float32, data in memory, a new batch each update.

Prints one JSON line a case:
    {"framework", "mode", "threads", "workload", "batch", "microseconds_median", "microseconds_min", "updates"}
or, with --check, the losses of the first 20 updates:
    {"framework", "mode", "threads", "workload", "batch", "losses"}

Every framework, mode and number of threads runs in a process of its own.
"""

import argparse
import importlib
import json
import math
import os
import statistics
import subprocess
import sys
import time

from workloads import WORKLOADS, parameters

MODES = {"torch": ["eager", "compile"], "jax": ["jit", "scan"]}
ALL_MODES = [mode for modes in MODES.values() for mode in modes]
SAMPLES = 20
FEWEST_SAMPLES = 3
TOO_SLOW = 1e6  # microseconds an update: larger batches of the case are left out
CHECKED_UPDATES = 20


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frameworks", nargs="+", choices=list(MODES), default=list(MODES))
    parser.add_argument("--modes", nargs="+", choices=ALL_MODES, default=ALL_MODES)
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--workloads", nargs="+", choices=list(WORKLOADS), default=list(WORKLOADS))
    parser.add_argument("--batches", nargs="+", type=int, default=[1, 32, 128, 512, 2048])
    parser.add_argument("--seconds", type=float, default=1.0, help="measured time a case (default 1)")
    parser.add_argument("--check", action="store_true", help="print the losses of the first 20 updates instead")
    parser.add_argument("--parameters", required=True, help="the folder that `updates --export` wrote")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def elapsed(run, updates):
    start = time.perf_counter()
    run(updates)
    return time.perf_counter() - start


def measure(peer, seconds):
    """Median and minimum, over samples of equal length, of the mean time of an update."""
    block = getattr(peer, "block", 1)
    peer.run(block)
    target, updates = seconds / SAMPLES, block
    while (took := elapsed(peer.run, updates)) < target:
        updates = block * math.ceil(updates / block * max(1.2, target / took))
    samples, deadline = [], time.perf_counter() + seconds
    while len(samples) < FEWEST_SAMPLES or time.perf_counter() < deadline:
        samples.append(elapsed(peer.run, updates) / updates * 1e6)
    return {
        "microseconds_median": round(statistics.median(samples), 3),
        "microseconds_min": round(min(samples), 3),
        "updates": updates * len(samples),
    }


def load(framework, threads):
    """XLA takes its number of threads from the processors it may use when it starts."""
    if framework == "jax":
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
    else:
        import torch
        torch.set_num_threads(threads)
    return importlib.import_module(f"peer_{framework}")


def run_here(framework, mode, threads, args):
    peer = load(framework, threads)
    print(f"{framework} {peer.VERSION} {mode}, threads: {threads}", file=sys.stderr)
    for workload in [WORKLOADS[name] for name in args.workloads]:
        if mode == "scan" and workload.has_images:
            continue
        for batch in args.batches:
            instance = peer.Peer(workload, batch, mode, parameters(workload, args.parameters))
            result = {"losses": instance.losses(CHECKED_UPDATES)} if args.check else measure(instance, args.seconds)
            case = {"framework": framework, "mode": mode, "threads": threads, "workload": workload.name, "batch": batch}
            print(json.dumps(case | result), flush=True)
            if result.get("microseconds_median", 0) > TOO_SLOW:
                break


def main():
    args = arguments()
    failures = 0
    for framework in args.frameworks:
        for mode in [m for m in MODES[framework] if m in args.modes]:
            for threads in args.threads:
                if args.here:
                    return run_here(framework, mode, threads, args)
                command = [
                    sys.executable, __file__, "--here", "--frameworks", framework, "--modes", mode,
                    "--threads", str(threads), "--seconds", str(args.seconds), "--parameters", args.parameters, "--workloads", *args.workloads,
                    "--batches", *map(str, args.batches), *(["--check"] if args.check else [])]
                failures += subprocess.run(command).returncode != 0
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
