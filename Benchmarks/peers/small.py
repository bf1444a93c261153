"""Batchwise beside scikit-learn and NumPy at their own work: plain SGD on linear models, in turn, medians of several rounds.

    python small.py --rounds 5

SGDRegressor and SGDClassifier update after every example; the NumPy loop is mini-batch gradient descent as it is usually
written. Batchwise runs the same updates, without momentum, from the same data. Microseconds an update.

Needs `swift build -c release` in Benchmarks, and the environment that `setup` makes.
"""

import argparse
import json
import statistics
import subprocess
import time
from pathlib import Path

import numpy as np
from scipy import sparse
from sklearn.linear_model import SGDClassifier, SGDRegressor

from workloads import EXAMPLES, WORKLOADS, dataset

OURS = Path(__file__).parent.parent / ".build/release/updates"
RATE = 0.001


def fit(model, inputs, targets):
    """Microseconds an update over whole epochs, validation and set-up of the call left in."""
    epochs = 20
    model.set_params(max_iter=epochs)
    start = time.perf_counter()
    model.fit(inputs, targets)
    return (time.perf_counter() - start) / epochs / len(targets) * 1e6


def regression(name):
    inputs, targets = (part.astype(np.float64) for part in dataset(WORKLOADS[name]))
    model = SGDRegressor(alpha=0, penalty=None, learning_rate="constant", eta0=RATE, tol=None, random_state=0)
    return lambda: fit(model, inputs, targets)


def classification(name, is_sparse):
    inputs, targets = dataset(WORKLOADS[name])
    inputs = sparse.csr_matrix(inputs.astype(np.float64)) if is_sparse else inputs.astype(np.float64)
    model = SGDClassifier(
        loss="log_loss", alpha=0, penalty=None, learning_rate="constant", eta0=RATE, tol=None, random_state=0)
    return lambda: fit(model, inputs, targets)


def loop(name, batch):
    """The usual loop: a permutation an epoch, a slice of it a batch, the mean gradient, a step."""
    inputs, targets = (part.astype(np.float64) for part in dataset(WORKLOADS[name]))
    random = np.random.default_rng(0)

    def run(epochs=20):
        theta, updates, start = np.zeros(inputs.shape[1]), 0, time.perf_counter()
        for _ in range(epochs):
            order = random.permutation(EXAMPLES)
            for first in range(0, EXAMPLES, batch):
                rows = order[first:first + batch]
                x, y = inputs[rows], targets[rows]
                error = x @ theta - y
                loss = 0.5 * np.mean(error**2)
                theta -= RATE * (x.T @ error / len(rows))
                updates += 1
        assert np.isfinite(loss)
        return (time.perf_counter() - start) / updates * 1e6

    return run


def ours(name, batch):
    command = [OURS, "--workloads", name, "--batches", str(batch), "--threads", "auto", "--momentum", "0", "--seconds", "0.3"]
    line = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return json.loads(line)["microseconds_median"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    cases = [
        ("SGDRegressor", "linear-5", 1, regression("linear-5")),
        ("SGDRegressor", "linear-100", 1, regression("linear-100")),
        ("SGDClassifier, dense", "logistic-123-sparse", 1, classification("logistic-123-sparse", False)),
        ("SGDClassifier, sparse", "logistic-123-sparse", 1, classification("logistic-123-sparse", True)),
    ] + [("NumPy loop", "linear-5", batch, loop("linear-5", batch)) for batch in [16, 64, 256]]
    print("| peer | workload | B | peer us | Batchwise us | ratio | spread of the ratio |\n|---|---|---|---|---|---|---|")
    for title, name, batch, peer in cases:
        pairs = [(peer(), ours(name, batch)) for _ in range(rounds)]
        ratios = [theirs / mine for theirs, mine in pairs]
        theirs, mine = (statistics.median(column) for column in zip(*pairs))
        print(f"| {title} | {name} | {batch} | {theirs:.2f} | {mine:.2f} | {statistics.median(ratios):.1f} "
              f"| {min(ratios):.1f} to {max(ratios):.1f} |", flush=True)


if __name__ == "__main__":
    main()
