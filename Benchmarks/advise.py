#!/usr/bin/env python3
"""Holds advice against sweeps: the seconds to a goal of the advised recipe, over those of the best cell of a sweep.

    Benchmarks/advise.py COMMAND FOLDER [NAME ...]

COMMAND is a release build of batchwise, FOLDER has housing/, adult/ and mnist/ (see ../docs/measure.md). For each data
set a sweep tunes the rate of six batches with three seeds; `advise --goal --budget 2min` advises a recipe, which is
trained by a sweep of its own with 20 seeds: a ratio is that of the three seeds of the
sweep, for a seed draws the test examples of a table too. The exit status is 1 where a ratio is above 1.25, or a seed of
an advised recipe diverges.
"""
import json
import os
import subprocess
import sys
import tempfile

COMMAND, FOLDER = map(os.path.abspath, sys.argv[1:3])
BATCHES = "16,32,64,128,256,512"
CASES = {
    "digits": (["digits"], "test_accuracy=0.97"),
    "mnist": ([f"{FOLDER}/mnist/train-images-idx3-ubyte.gz", "--set", "model=[{dense: 128}, relu, {dense: classes}]"],
              "test_accuracy=0.975"),
    "adult": ([f"{FOLDER}/adult/adult.data", "--target", "15"], "test_accuracy=0.85"),
    "housing": ([f"{FOLDER}/housing/housing.csv", "--target", "median_house_value"], "test_rmse=52000"),
}


def run(*arguments, folder):
    result = subprocess.run([COMMAND, *arguments], cwd=folder, capture_output=True, text=True)
    if result.returncode:
        sys.exit(f"{' '.join(arguments)}: {result.returncode}\n{result.stderr}")
    return result.stdout


def seconds_to_goal(sweep):
    """The mean seconds of each setting whose seeds all reach the goal."""
    settings = {}
    for cell in sweep["cells"]:
        settings.setdefault(json.dumps(cell["settings"]), []).append(cell)
    return {
        name: sum(cell["seconds_to_goal"] for cell in cells) / len(cells)
        for name, cells in settings.items()
        if all(cell["status"] == "goal" for cell in cells)
    }


def case(name, folder):
    source, goal = CASES[name]
    sweep = json.loads(run(
        "sweep", *source, "--over", f"batch.size={BATCHES}", "--seeds", "3", "--tune-rate", "--goal", goal, "--run",
        f"{name}-sweep", "--json", folder=folder))
    cells = seconds_to_goal(sweep)
    best = min(cells, key=cells.get)
    advice = json.loads(run(
        "advise", *source, "--goal", goal, "--budget", "2min", "--write", f"{name}.yaml", "--json", folder=folder))
    advised = json.loads(run(
        "sweep", f"{name}.yaml", "--over", f"batch.size={advice['batch']}", "--seeds", "20", "--goal", goal, "--run",
        f"{name}-advised", "--json", folder=folder))
    diverged = sum(cell["status"] == "diverged" for cell in advised["cells"])
    reached = [cell for cell in advised["cells"] if cell["status"] == "goal"]
    same = [cell["seconds_to_goal"] for cell in advised["cells"][:3]]
    if None in same:
        sys.exit(f"{name}: the advised recipe does not reach {goal}")
    seconds = sum(same) / len(same)
    ratio = seconds / cells[best]
    print(f"{name:8} {goal:20} best cell {best} {cells[best]:.3f} s; advised batch {advice['batch']} rate "
          f"{advice['learning_rate']:.3g} epochs {advice['epochs']} {seconds:.3f} s ({len(reached)} of 20 seeds), "
          f"ratio {ratio:.2f}, {diverged} diverged, advice took {advice['seconds']:.0f} s", flush=True)
    return ratio <= 1.25 and diverged == 0


with tempfile.TemporaryDirectory() as folder:
    results = [case(name, folder) for name in sys.argv[3:] or CASES]
sys.exit(0 if all(results) else 1)
