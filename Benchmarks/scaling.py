"""Does the linear rule with warmup carry a rate from 64 to 1,024 examples? MNIST, 784-128-10, SGD with momentum 0.9, 10 epochs.

    python scaling.py train-images-idx3-ubyte.gz

The rate is tuned at a batch of 64 on validation examples; then each way to train is run with three seeds, and the test
accuracies are printed with their means. Needs `swift build -c release` in the folder above.
"""

import argparse
import json
import statistics
import subprocess
import tempfile
from pathlib import Path

COMMAND = Path(__file__).parent.parent / ".build/release/batchwise"
RECIPE = """
data: {{train: {images}, split: {{validation: 0.1}}}}
model: [flatten, {{dense: 128}}, relu, {{dense: classes}}]
batch: {{size: 64}}
optimizer: {{sgd: {{momentum: 0.9}}}}
learning-rate: {{base: 0.02, at-batch: 64, scaling: linear, decay: cosine}}
epochs: 10
"""
WAYS = {
    "64": [],
    "1024, linear rule, 2 epochs of warmup": ["batch.size=1024", "learning-rate.warmup=2 epochs"],
    "1024, the rate of 64": ["batch.size=1024", "learning-rate.scaling=none"],
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("images", type=Path)
    parser.add_argument("--command", type=Path, default=COMMAND)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        recipe = Path(folder) / "recipe.yaml"
        recipe.write_text(RECIPE.format(images=arguments.images.resolve()))
        runs = 0

        def train(*settings):
            nonlocal runs
            runs += 1
            command = [arguments.command, "train", recipe, "--json", "--run", f"{folder}/run-{runs}"]
            for setting in settings:
                command += ["--set", setting]
            return json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)

        rates = [0.01, 0.02, 0.05, 0.1, 0.2]
        found = {rate: train(f"learning-rate.base={rate}", "seed=1")["validation_accuracy"] for rate in rates}
        best = max(found, key=found.get)
        print(f"tuned at 64: {best}, of {found}")
        for name, settings in WAYS.items():
            tests = [
                train(f"learning-rate.base={best}", f"seed={seed}", *settings)["test_accuracy"] for seed in (1, 2, 3)
            ]
            print(f"{name}: {statistics.mean(tests):.4f}, of {tests}")


if __name__ == "__main__":
    main()
