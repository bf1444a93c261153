#!/usr/bin/env python3
"""Lock-free updates of a sparse linear model: threads, the exact mode beside them, and peers where they are installed.

    Benchmarks/hogwild.py [--batchwise PROGRAM] [--threads 1,2] [--repeats 5] [--data FILE.svm] [--folder DIR]

Without --data it makes a LIBSVM file of 200,000 examples, 50,000 features and 50 numbers an example, whose features come
as often as a power of their rank says, and 20,000 more to test; classes are drawn from a logistic model. Every program
makes the same number of passes over the same file. Batchwise's own speed is that of its run log, without loading; peers
are timed as whole processes, and less the time that they take to read the file where they say it.
"""
import argparse, json, math, os, shutil, statistics, subprocess, sys, tempfile, time

import numpy as np


def write_data(path, examples, features, numbers, power, seed, truth_seed=7):
    """Writes a LIBSVM file of examples with distinct features, drawn by a power law."""
    random = np.random.default_rng(seed)
    weights = (1.0 + np.arange(features)) ** -power
    shares = np.cumsum(weights / weights.sum())
    truth = np.random.default_rng(truth_seed).normal(size=features)
    places = np.random.default_rng(truth_seed + 1).permutation(features)
    with open(path, "w") as file:
        for first in range(0, examples, 1000):
            lines = []
            for _ in range(min(1000, examples - first)):
                ranks = np.unique(np.searchsorted(shares, random.random(2 * numbers)))
                ranks = random.permutation(ranks)[:numbers]
                columns = np.sort(places[ranks])
                values = np.round(random.random(len(columns)) + 0.5, 3) / math.sqrt(numbers)
                score = 3 * float(values @ truth[columns])
                label = 1 if random.random() < 1 / (1 + math.exp(-score)) else -1
                lines.append(f"{label} " + " ".join(f"{c + 1}:{v:.4f}" for c, v in zip(columns, values)))
            file.write("\n".join(lines) + "\n")


def run(command, **keywords):
    start = time.perf_counter()
    result = subprocess.run(command, capture_output=True, text=True, **keywords)
    if result.returncode != 0:
        sys.exit(f"{' '.join(command)}: {result.returncode}\n{result.stderr[-2000:]}")
    return result.stdout, time.perf_counter() - start


def batchwise(options, folder, train, test, threads):
    """Trains once; threads None is the exact mode. Returns examples a second and the JSON of the run."""
    name = os.path.join(folder, f"run-{threads}")
    shutil.rmtree(name, ignore_errors=True)
    recipe = os.path.join(folder, "recipe.yaml")
    with open(recipe, "w") as file:
        file.write(
            f"data: {{train: {train}, test: {test}, format: libsvm}}\nmodel: linear\nloss: binary-cross-entropy\n"
            f"batch: 1\noptimizer: sgd\nlearning-rate: {{base: {options.rate}, decay: constant}}\n"
            f"epochs: {options.epochs}\nseed: 1\n" + ("" if threads is None else "asynchronous: {hogwild: true}\n"))
    command = [options.batchwise, "train", recipe, "--run", name, "--json"]
    if threads is not None:
        command += ["--threads", str(threads)]
    found = json.loads(run(command)[0])
    return found["examples_per_second"], found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--batchwise", default=".build/release/batchwise")
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--rate", type=float, default=0.5)
    parser.add_argument("--examples", type=int, default=200_000)
    parser.add_argument("--features", type=int, default=50_000)
    parser.add_argument("--numbers", type=int, default=50)
    parser.add_argument("--power", type=float, default=1.0)
    parser.add_argument("--data")
    parser.add_argument("--test")
    parser.add_argument("--folder")
    options = parser.parse_args()
    folder = options.folder or tempfile.mkdtemp(prefix="hogwild-")
    os.makedirs(folder, exist_ok=True)
    train, test = options.data, options.test
    if train is None:
        shape = f"{options.examples}-{options.features}-{options.numbers}-{options.power}"
        train, test = (os.path.join(folder, f"{part}-{shape}.svm") for part in ("train", "test"))
        for path, count, seed in ((train, options.examples, 1), (test, options.examples // 10, 2)):
            if not os.path.exists(path):
                write_data(path, count, options.features, options.numbers, options.power, seed)
    test = test or train
    modes = [None] + [int(number) for number in options.threads.split(",")]
    speeds, runs = {mode: [] for mode in modes}, {}
    for _ in range(options.repeats):  # in turn, so that a busy machine slows all of them
        for mode in modes:
            speed, runs[mode] = batchwise(options, folder, train, test, mode)
            speeds[mode].append(speed)
    one = statistics.median(speeds[modes[1]])
    print(f"{'mode':<22}{'examples/s':>12}{'of one':>8}{'train loss':>12}{'test loss':>12}{'accuracy':>10}")
    for mode in modes:
        name = "exact" if mode is None else f"hogwild, {mode} thread" + ("s" if mode > 1 else "")
        speed, found = statistics.median(speeds[mode]), runs[mode]
        print(f"{name:<22}{speed:>12,.0f}{speed / one:>8.2f}{found['train_loss']:>12.5f}{found['test_loss']:>12.5f}"
              f"{found['test_accuracy']:>10.4f}   {min(speeds[mode]):,.0f} to {max(speeds[mode]):,.0f}")
    peers(options, folder, train, test)


def peers(options, folder, train, test):
    """Vowpal Wabbit's SGD, and LIBLINEAR's solver of the same loss, where they are installed."""
    count = sum(1 for _ in open(train))
    vw = shutil.which("vw")
    if vw:
        paths = []
        for path in (train, test):
            target = os.path.join(folder, os.path.basename(path) + ".vw")
            if not os.path.exists(target):
                with open(path) as source, open(target, "w") as file:
                    for line in source:
                        label, rest = line.split(" ", 1)
                        file.write(f"{1 if float(label) > 0 else -1} | {rest}")
            paths.append(target)
        model = os.path.join(folder, "vw.model")
        common = ["--loss_function", "logistic", "--sgd", "-b", "18", "--quiet"]
        times = []
        for passes in (1, options.epochs + 1):
            cache = os.path.join(folder, "vw.cache")
            if os.path.exists(cache):
                os.remove(cache)
            command = [vw, "-d", paths[0], "--passes", str(passes), "--cache_file", cache, "--holdout_off", "-f", model,
                       "-l", str(options.rate), "--power_t", "0", *common]
            times.append(min(run(command)[1] for _ in range(1)))
        # the first pass reads text and writes the cache; the others read the cache
        print(f"vw --sgd: {times[1]:.2f} s in all, {options.epochs * count / (times[1] - times[0]):,.0f} examples/s in "
              f"its passes over the cache")
    liblinear = shutil.which("liblinear-train") or shutil.which("train")
    if liblinear:
        model = os.path.join(folder, "liblinear.model")
        _, seconds = run([liblinear, "-q", "-s", "7", "-c", "1", train, model])
        predict = liblinear.replace("train", "predict")
        text, _ = run([predict, test, model, os.path.join(folder, "liblinear.out")])
        print(f"liblinear -s 7 (dual logistic regression, to convergence, C = 1): {seconds:.2f} s in all; {text.strip()}")


if __name__ == "__main__":
    main()
