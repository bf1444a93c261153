"""Two processes of one thread beside one process of two threads, and the share of an update that messages take.

    python3 two_processes.py train-images-idx3-ubyte.gz --program ../.build/release/batchwise

Each case trains as one process with two threads, as two processes that share memory, and as two that exchange messages as
between machines, in turn. The table has medians of examples a second, the median of the ratios of each round, and the
share of messages: 1 less the speed with messages over that with shared memory. 1024-2048-2048-10 trains on random bytes.
Needs Open MPI, and `swift build -c release` in the folder above.
"""

import argparse
import json
import os
import random
import statistics
import struct
import subprocess
import tempfile
from pathlib import Path

ROOT = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
MPIRUN = ["mpirun.openmpi", "--bind-to", "none", "-n", "2"]
MODELS = {
    "784-128-10": "[flatten, {dense: 128}, relu, {dense: classes}]",
    "784-512-256-10": "[flatten, {dense: 512}, relu, {dense: 256}, relu, {dense: classes}]",
    "two convolutions": "[{conv: {filters: 8, kernel: 3, padding: same}}, relu, {max-pool: 2}, "
    "{conv: {filters: 16, kernel: 3, padding: same}}, relu, {max-pool: 2}, flatten, {dense: classes}]",
    "1024-2048-2048-10": "[flatten, {dense: 2048}, relu, {dense: 2048}, relu, {dense: classes}]",
}
CASES = [
    ("784-128-10", 32), ("784-128-10", 256), ("784-128-10", 1024), ("784-512-256-10", 32), ("784-512-256-10", 256),
    ("784-512-256-10", 1024), ("two convolutions", 256), ("1024-2048-2048-10", 1024),
]
WAYS = {"2 threads": ([], 2, 0), "2 processes": (MPIRUN, 1, 0), "messages": (MPIRUN, 1, 1)}


def write_bytes(folder, count=8192):
    """Images of 1,024 random bytes, and labels."""
    source = random.Random(1)
    for name, lengths, values in [
        ("train-images-idx3-ubyte", (count, 32, 32), source.randbytes(count * 1024)),
        ("train-labels-idx1-ubyte", (count,), bytes(source.randrange(10) for _ in range(count))),
    ]:
        head = struct.pack(f">BBBB{len(lengths)}I", 0, 0, 8, len(lengths), *lengths)
        Path(folder, name).write_bytes(head + values)
    return f"{folder}/train-images-idx3-ubyte"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("images")
    parser.add_argument("--program", default=str(Path(__file__).resolve().parent.parent / ".build/release/batchwise"))
    parser.add_argument("--seconds", type=float, default=1.5)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--cases", nargs="+", type=int, help="numbers of cases, from 0")
    arguments = parser.parse_args()
    cases = [CASES[i] for i in arguments.cases] if arguments.cases else CASES
    with tempfile.TemporaryDirectory() as folder:

        def speed(way, model, batch, epochs):
            launcher, threads, machine = WAYS[way]
            data = write_bytes(folder) if model.startswith("1024") else str(Path(arguments.images).resolve())
            command = [
                *launcher, arguments.program, "train", data, "--json", "--threads", str(threads), "--run", f"{folder}/run",
                "--set", f"model={MODELS[model]}", "--set", f"batch.size={batch}", "--set", f"epochs={epochs}",
                "--set", "learning-rate=0.001", "--set", "optimizer={sgd: {momentum: 0.9}}"]  # fmt: skip
            apart = {"BATCHWISE_PROCESSES_PER_MACHINE": "1"} if machine else {}
            done = subprocess.run(command, capture_output=True, text=True, env=os.environ | ROOT | apart)
            subprocess.run(["rm", "-rf", f"{folder}/run"], check=True)
            if done.returncode != 0:
                raise SystemExit(f"{' '.join(command)}: {done.stderr[-2000:]}")
            found = json.loads(done.stdout)
            return found["examples_per_second"], found["seconds"]

        print("| model | batch | 2 threads | 2 processes | ratio | with messages | share of messages |")
        print("|---|---|---|---|---|---|---|", flush=True)
        for model, batch in cases:
            # epochs that take about as long as they shall
            epochs = max(1, round(arguments.seconds / speed("2 threads", model, batch, 1)[1]))
            rounds = [
                {way: speed(way, model, batch, epochs)[0] for way in WAYS} for _ in range(arguments.rounds)
            ]
            threads, processes, messages = (statistics.median(round[way] for round in rounds) for way in WAYS)
            ratio = statistics.median(round["2 processes"] / round["2 threads"] for round in rounds)
            share = statistics.median(1 - round["messages"] / round["2 processes"] for round in rounds)
            print(
                f"| {model} | {batch:,} | {threads:,.0f} | {processes:,.0f} | {ratio:.2f} | {messages:,.0f} "
                f"| {100 * share:.0f}% |", flush=True)


if __name__ == "__main__":
    main()
