"""The critical batch of MNIST for a dense net and a small convolutional one, by three measurements in one table.

    python critical_batch.py train-images-idx3-ubyte.gz

`sweep` trains batches to a test accuracy, each at its tuned rate, and fits the updates; `measure critical-batch` branches
from the middle of the smallest batch's run; the gradient noise scale is that of the first parameters, of the whole runs
at the middle batch, and of the parameters at their end. Brackets are intervals of 95%; those of branching are the last
batch that wastes nothing and the first that does. Needs `swift build -c release` in the folder above.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

COMMAND = Path(__file__).parent.parent / ".build/release/batchwise"
RECIPE = """
data: {{train: {images}}}
model: {model}
optimizer: sgd
learning-rate: {{base: 0.1, at-batch: 32, scaling: square-root, decay: constant}}
batch: {{size: 32}}
epochs: 30
"""
NETS = {
    "784-128-10": "[flatten, {dense: 128}, relu, {dense: classes}]",
    "conv 8-16": "[{conv: {filters: 8, kernel: 3}}, relu, {max-pool: 2}, {conv: {filters: 16, kernel: 3}}, relu, "
    "{max-pool: 2}, flatten, {dense: classes}]",
}
PUBLISHED = "20 at the start, 200 over a run; noise scale 50, 900"


def shown(value, low, high):
    """118 (84 to 160), or the end that is known."""
    if low is None and high is None:
        return "not determined"
    if value is None or low is None or high is None:
        return f"above {low:.0f}" if high is None else f"below {high:.0f}"
    return f"{value:.0f} ({low:.0f} to {high:.0f})"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("images", type=Path)
    parser.add_argument("--command", type=Path, default=COMMAND)
    parser.add_argument("--accuracy", type=float, default=0.97)
    parser.add_argument("--sizes", default="8,32,128,512,2048")
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--nets", nargs="+", choices=NETS, default=list(NETS))
    parser.add_argument("--jobs", type=int, help="cells that train at a time; without it one a core")
    parser.add_argument("--keep", type=Path, help="a folder for the sweeps; the same one goes on with them")
    arguments = parser.parse_args()

    def found(*words):
        command = [arguments.command, *map(str, words), "--json"]
        return json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout)

    rows = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.keep or Path(temporary)
        folder.mkdir(exist_ok=True)
        for net in arguments.nets:
            name = net.replace(" ", "-")
            recipe = folder / f"{name}.yaml"
            recipe.write_text(RECIPE.format(images=arguments.images.resolve(), model=NETS[net]))
            jobs = ["--jobs", arguments.jobs] if arguments.jobs else []
            sweep = found(
                "sweep", recipe, "--over", f"batch.size={arguments.sizes}", "--tune-rate", "--seeds", arguments.seeds,
                "--goal", f"test_accuracy={arguments.accuracy}", "--noise-scale", "--run", folder / name, *jobs)
            for setting in sweep["frontier"]:
                print(net, setting["settings"], f"{setting['updates_to_goal']:.0f} updates", file=sys.stderr)
            for note in sweep["notes"]:
                print(f"{net}: {note}", file=sys.stderr)
            smallest = sweep["frontier"][0]
            factors = [1 << power for power in range(9) if smallest["batch"] << power <= 2048]
            settings = []
            for key, value in smallest["settings"].items():
                settings += ["--set", f"{key}={value}"]
            half = max(int(smallest["updates_to_goal"]) // 2, 1)
            branches = found(
                "measure", "critical-batch", recipe, *settings, "--after", f"{half} updates", "--factors",
                ",".join(map(str, factors)), "--seeds", 3)
            predicted = sweep["predicted_critical_batch"]
            measured = [s for s in sweep["frontier"] if s["batch"] == predicted["batch"]][0]
            noise = [found("measure", "noise-scale", recipe, *words) for words in ([], ["--run", measured["run"]])]
            critical = sweep["critical_batch"]
            low, high = branches["low"], branches["high"]
            rows.append([
                net, shown(critical["value"], critical["low"], critical["high"]),
                f"{low} to {high}" if high else f"above {low}",
                shown(noise[0]["noise_scale"], noise[0]["low"], noise[0]["high"]),
                shown(predicted["value"], predicted["low"], predicted["high"]),
                shown(noise[1]["noise_scale"], noise[1]["low"], noise[1]["high"]),
            ])
    header = [
        "net", "by sweep", "by branching", "noise scale: first", "over the runs", "at their end",
    ]
    print("| " + " | ".join(header) + " |\n" + "|---" * len(header) + "|")
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print(f"\nPublished for MNIST: {PUBLISHED} [McCandlish 2018].")


if __name__ == "__main__":
    main()
