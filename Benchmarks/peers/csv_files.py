"""Batchwise beside pandas and PyArrow at reading tables from CSV files, in turn, medians of several rounds.

    python csv_files.py --rounds 5

Two files are made from a seed in a temporary folder: `numbers` (small integers, prices, 6 and 17 significant digits) and
`quoted` (texts of tens of kinds in quotes, some with commas, line ends and doubled quotes, between numbers). Each reader
is bound to one core and reads a whole file from the page cache into columns; sums over all cells show that they read the same.
A process reads each file once before it is timed. MB are 10^6 bytes.

Needs `swift build -c release` in Benchmarks, and the environment that `setup` makes.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

OURS = Path(__file__).parent.parent / ".build/release/tables"
PEER = """
import json, sys, time
name, path, times = sys.argv[1], sys.argv[2], int(sys.argv[3])
if name == "pandas":
    import pandas
    read = lambda: pandas.read_csv(path)
    total = lambda table: float(sum(
        (table[c].str.encode("utf-8").str.len() if table[c].dtype.kind not in "if" else table[c]).sum() for c in table))
else:
    import pyarrow, pyarrow.csv, pyarrow.compute as compute
    pyarrow.set_cpu_count(1)
    read = lambda: pyarrow.csv.read_csv(
        path, read_options=pyarrow.csv.ReadOptions(use_threads=False),
        parse_options=pyarrow.csv.ParseOptions(newlines_in_values="quoted" in path))
    total = lambda table: float(sum(
        compute.sum(compute.binary_length(c) if pyarrow.types.is_string(c.type) else c).as_py() for c in table.columns))
table = read()
seconds = []
for _ in range(times):
    del table
    start = time.perf_counter()
    table = read()
    seconds.append(time.perf_counter() - start)
print(json.dumps({"seconds": sorted(seconds)[times // 2], "rows": len(table), "sum": total(table)}))
"""


def numbers(path, rows, rng):
    with open(path, "w") as file:
        file.write(",".join(f"x{column}" for column in range(20)) + "\n")
        for _ in range(rows):
            cells = [str(rng.randrange(10)) for _ in range(3)] + [str(rng.randrange(1000)) for _ in range(4)]
            cells += [f"{rng.lognormvariate(4, 1.5):.2f}" for _ in range(5)]
            cells += [f"{rng.gauss(0, 100):.6g}" for _ in range(4)] + [repr(rng.gauss(0, 1)) for _ in range(4)]
            file.write(",".join(cells) + "\n")


def quoted(path, rows, rng):
    cities = [f"City {chr(65 + number)}{'bcdef' * (number % 4)}" for number in range(26)]
    streets = [f"{number} Long Street, Flat {number % 7}, Block {'xyz'[number % 3]}" for number in range(60)]
    notes = [f'He said ""{word}"" twice' if number % 3 == 0 else f"first line\nthen {word}" if number % 3 == 1
             else f"plain {word}" for number, word in enumerate("one two three four five six seven eight nine".split())]
    with open(path, "w", newline="") as file:
        file.write('"id","city","street","note","price","rooms","kind"\n')
        for row in range(rows):
            file.write(f'{row},"{rng.choice(cities)}","{rng.choice(streets)}","{rng.choice(notes)}",'
                       f'{rng.lognormvariate(4, 1.5):.2f},{rng.randrange(1, 9)},"{rng.choice("abcdef")}"\n')


def run(name, path, times):
    command = [OURS, path, "--rounds", str(times)] if name == "Batchwise" else [sys.executable, "-c", PEER, name, path, str(times)]
    one_core = lambda: os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    return json.loads(
        subprocess.run(command, capture_output=True, text=True, check=True, preexec_fn=one_core).stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--rows", type=int, default=400_000)
    arguments = parser.parse_args()
    readers = ["Batchwise", "pandas", "pyarrow"]
    print("| file | MB | reader | seconds | MB/s | peer / Batchwise | spread of the ratio |\n|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for make in [numbers, quoted]:
            path = f"{folder}/{make.__name__}.csv"
            make(path, arguments.rows, random.Random(7))
            size = Path(path).stat().st_size / 1e6
            results = {name: [] for name in readers}
            for _ in range(arguments.rounds):
                for name in readers:
                    results[name].append(run(name, path, 3))
            sums = [rounds[0]["sum"] for rounds in results.values()]
            assert max(sums) - min(sums) <= 1e-9 * abs(sums[0]), sums
            assert len({rounds[0]["rows"] for rounds in results.values()}) == 1
            ours = [result["seconds"] for result in results["Batchwise"]]
            for name in readers:
                seconds = [result["seconds"] for result in results[name]]
                ratios = [theirs / mine for theirs, mine in zip(seconds, ours)]
                middle = statistics.median(seconds)
                print(f"| {make.__name__} | {size:.1f} | {name} | {middle:.3f} | {size / middle:.0f} "
                      f"| {statistics.median(ratios):.2f} | {min(ratios):.2f} to {max(ratios):.2f} |", flush=True)


if __name__ == "__main__":
    main()
