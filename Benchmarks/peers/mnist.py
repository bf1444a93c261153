"""Seconds of training to 98% test accuracy on MNIST, 784-512-256-10: Batchwise and JAX, each at its best batch and rate.

    python mnist.py train-images-idx3-ubyte.gz --seeds 3

Every batch size, base rate and number of epochs of a small grid is a schedule: SGD with momentum 0.9 and a rate that
falls along a cosine to 0. A schedule counts where the median test accuracy over the seeds is at least 98%; the time of
a framework is that of its fastest schedule. Times are of training alone, without loading and compilation. JAX runs 16
updates in one call (lax.scan), its fastest form.

Needs `swift build -c release` in the repository, and the environment that `setup` makes.
"""

import argparse
import gzip
import itertools
import json
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np

OURS = Path(__file__).parents[2] / ".build/release/batchwise"
WIDTHS = (784, 512, 256, 10)
SCANNED = 16
TARGET = 0.98


def arrays(images):
    def read(path, header):
        return np.frombuffer(gzip.open(path).read(), np.uint8, offset=header)

    folder = Path(images).parent
    found = []
    for part in ["train", "t10k"]:
        x = read(folder / f"{part}-images-idx3-ubyte.gz", 16).reshape(-1, 784)
        found += [x, read(folder / f"{part}-labels-idx1-ubyte.gz", 8).astype(np.int32)]
    mean, deviation = found[0].mean(), found[0].std()
    scaled = [((x - mean) / deviation).astype(np.float32) if x.ndim == 2 else x for x in found]
    return [jax.device_put(x) for x in scaled]


def forward(layers, x):
    for position, (weight, bias) in enumerate(layers):
        x = (jax.nn.relu(x) if position else x) @ weight + bias
    return x


def loss(layers, x, y):
    return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(forward(layers, x)), y[:, None], axis=1))


def trainer(batch):
    def update(state, work):
        layers, velocity, x, y = state
        index, rate = work
        gradients = jax.grad(loss)(layers, x[index], y[index])
        velocity = jax.tree.map(lambda v, g: 0.9 * v + g, velocity, gradients)
        return (jax.tree.map(lambda p, v: p - rate * v, layers, velocity), velocity, x, y), None

    @jax.jit
    def block(layers, velocity, x, y, indices, rates):
        return jax.lax.scan(update, (layers, velocity, x, y), (indices, rates))[0][:2]

    return block


def jax_run(block, data, batch, rate, epochs, seed):
    x, y, test_x, test_y = data
    random = np.random.default_rng(seed)
    layers = [(jnp.asarray(random.normal(size=(a, b)) * np.sqrt(2 / a) * (b > 10), jnp.float32), jnp.zeros(b))
              for a, b in zip(WIDTHS, WIDTHS[1:])]
    velocity = jax.tree.map(jnp.zeros_like, layers)
    updates = len(x) // batch * epochs // SCANNED * SCANNED
    rates = jnp.asarray(rate * 0.5 * (1 + np.cos(np.pi * np.arange(updates) / updates)), jnp.float32)
    jax.block_until_ready(block(layers, velocity, x, y, jnp.zeros((SCANNED, batch), jnp.int32), rates[:SCANNED]))
    start = time.perf_counter()
    order = np.concatenate([random.permutation(len(x))[:len(x) // batch * batch] for _ in range(epochs)])
    order = jnp.asarray(order[:updates * batch].reshape(-1, SCANNED, batch), jnp.int32)
    for number in range(updates // SCANNED):
        layers, velocity = block(layers, velocity, x, y, order[number], rates[number * SCANNED:(number + 1) * SCANNED])
    jax.block_until_ready(layers)
    seconds = time.perf_counter() - start
    return seconds, float((forward(layers, test_x).argmax(1) == test_y).mean())


def our_run(images, batch, rate, epochs, seed):
    recipe = {
        "data": {"train": str(images)}, "model": ["flatten", {"dense": 512}, "relu", {"dense": 256}, "relu", {"dense": "classes"}],
        "batch": batch, "learning-rate": {"base": rate, "decay": "cosine"}, "epochs": epochs, "seed": seed}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "recipe.yaml"
        path.write_text(json.dumps(recipe))
        output = subprocess.run(
            [OURS, "train", path, "--run", f"{folder}/run", "--json"], capture_output=True, text=True)
    if output.returncode != 0:
        if "finite" not in output.stderr:
            raise SystemExit(output.stderr)
        return float("inf"), 0.0  # the rate was too high, and training stopped at the first infinity
    found = json.loads(output.stdout)
    return found["seconds"], found["test_accuracy"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("images", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--batches", nargs="+", type=int, default=[32, 64, 128, 256])
    parser.add_argument("--rates", nargs="+", type=float, default=[0.05, 0.1, 0.2])
    parser.add_argument("--epochs", nargs="+", type=int, default=[2, 3, 4])
    args = parser.parse_args()
    data, best = arrays(args.images), {}
    print("| framework | B | rate | epochs | seconds | test accuracy |\n|---|---|---|---|---|---|")
    for batch in args.batches:
        block = trainer(batch)
        for rate, epochs in itertools.product(args.rates, args.epochs):
            for name, run in [("Batchwise", lambda seed: our_run(args.images, batch, rate, epochs, seed)),
                              ("JAX", lambda seed: jax_run(block, data, batch, rate, epochs, seed))]:
                seconds, accuracies = zip(*[run(seed) for seed in range(args.seeds)])
                seconds, accuracy = statistics.median(seconds), statistics.median(accuracies)
                print(f"| {name} | {batch} | {rate} | {epochs} | {seconds:.2f} | {accuracy:.4f} |", flush=True)
                if accuracy >= TARGET and seconds < best.get(name, (float("inf"),))[0]:
                    best[name] = (seconds, batch, rate, epochs, accuracy)
    print()
    for name, (seconds, batch, rate, epochs, accuracy) in best.items():
        print(f"- {name}: {seconds:.2f} s at B = {batch}, rate {rate}, {epochs} epochs: {accuracy:.2%}")


if __name__ == "__main__":
    main()
