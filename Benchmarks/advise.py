#!/usr/bin/env python3
"""Holds advice against sweeps: the seconds to a goal of the advised recipe, over those of the best cell of a sweep.

    Benchmarks/advise.py COMMAND FOLDER [NAME ...]

COMMAND is a release build of batchwise, FOLDER has housing/, adult/ and mnist/ (see ../docs/measure.md). For each data
set a sweep tunes the rate of six batches with three seeds; `advise --goal --budget 2min` advises a recipe. The best cell
and the advised recipe are then trained with the same 20 seeds, each in a sweep of its own, for the best of thirty cells
was lucky with its three; a ratio is that of the means over the seeds with which both reach the goal. The exit status is
1 where a ratio is above 1.25, a seed of an advised recipe diverges, or it reaches the goal with fewer seeds than the
best cell by more than two.
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
    recipe = next(cell["run"] for cell in sweep["cells"] if json.dumps(cell["settings"]) == best) + "/recipe.yaml"
    again = twenty_seeds(recipe, json.loads(best)["batch.size"], goal, f"{name}-best", folder)
    advised = twenty_seeds(f"{name}.yaml", advice["batch"], goal, f"{name}-advised", folder)
    diverged = sum(cell["status"] == "diverged" for cell in advised)
    both = [(mine["seconds_to_goal"], best["seconds_to_goal"]) for mine, best in zip(advised, again)
            if mine["status"] == best["status"] == "goal"]
    if not both:
        sys.exit(f"{name}: the advised recipe does not reach {goal}")
    mine, cell = (sum(pair[side] for pair in both) / len(both) for side in (0, 1))
    reached = [sum(cell["status"] == "goal" for cell in cells) for cells in (advised, again)]
    print(f"{name:8} {goal:20} best cell {best} {cell:.4f} s ({reached[1]} of 20 seeds; {cells[best]:.4f} s with three); "
          f"advised batch {advice['batch']} rate {advice['learning_rate']:.3g} epochs {advice['epochs']} {mine:.4f} s "
          f"({reached[0]} of 20), ratio {mine / cell:.2f}, {diverged} diverged, advice took {advice['seconds']:.0f} s",
          flush=True)
    return mine / cell <= 1.25 and diverged == 0 and reached[0] >= reached[1] - 2


def twenty_seeds(recipe, batch, goal, name, folder):
    """The cells of a recipe with 20 seeds."""
    return json.loads(run("sweep", recipe, "--over", f"batch.size={batch}", "--seeds", "20", "--goal", goal, "--run", name,
                          "--json", folder=folder))["cells"]


with tempfile.TemporaryDirectory() as folder:
    results = [case(name, folder) for name in sys.argv[3:] or CASES]
sys.exit(0 if all(results) else 1)
