"""The ceiling: GFLOP/s of one float32 matrix product, 2048 x 2048 x 2048, in PyTorch and JAX.

Prints one JSON line for each framework and number of threads:
    {"framework", "operation", "size", "threads", "gflops_median", "gflops_max"}
"""

import argparse
import json
import statistics
import subprocess
import sys
import time

from updates import MODES, load

SIZE = 2048
FEWEST_SAMPLES = 3


def rates(product, seconds):
    product()
    results, deadline = [], time.perf_counter() + seconds
    while time.perf_counter() < deadline or len(results) < FEWEST_SAMPLES:
        start = time.perf_counter()
        product()
        results.append(2 * SIZE**3 / (time.perf_counter() - start) / 1e9)
    return results


def run_here(framework, threads, seconds):
    results = rates(load(framework, threads).matrix_product(SIZE), seconds)
    print(json.dumps({
        "framework": framework, "operation": "gemm-float32", "size": SIZE, "threads": threads,
        "gflops_median": round(statistics.median(results), 1), "gflops_max": round(max(results), 1),
    }), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frameworks", nargs="+", choices=list(MODES), default=list(MODES))
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    for framework in args.frameworks:
        for threads in args.threads:
            if args.here:
                return run_here(framework, threads, args.seconds)
            subprocess.run([
                sys.executable, __file__, "--here", "--frameworks", framework, "--threads", str(threads),
                "--seconds", str(args.seconds)], check=True)


if __name__ == "__main__":
    main()
