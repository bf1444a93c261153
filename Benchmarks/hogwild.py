#!/usr/bin/env python3
"""Lock-free updates of a sparse linear model: threads, the exact mode beside them, and peers where they are installed.

    Benchmarks/hogwild.py [--batchwise PROGRAM] [--threads 1,2] [--repeats 5] [--data FILE.svm] [--folder DIR]

Without --data it makes a LIBSVM file of 200,000 examples, 50,000 features and 50 numbers an example, whose features come
as often as a power of their rank says, and 20,000 more to test; classes are drawn from a logistic model. Every program
makes the same number of passes over the same file. Batchwise's own speed is that of its run log, without loading. The
ceiling is the speed of two processes of one thread at once, together, over that of one: what the machine allows two
threads that share nothing. Peers (vw or the Python package vowpalwabbit, and liblinear) are timed as whole processes, as
Batchwise is in the column "seconds".
"""
import argparse, importlib.util, json, math, os, shutil, statistics, subprocess, sys, tempfile, time

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


def command(options, folder, train, test, threads, name):
    """The command that trains once; threads None is the exact mode."""
    name = os.path.join(folder, f"run-{name}")
    shutil.rmtree(name, ignore_errors=True)
    recipe = name + ".yaml"
    with open(recipe, "w") as file:
        file.write(
            f"data: {{train: {train}, test: {test}, format: libsvm}}\nmodel: linear\nloss: binary-cross-entropy\n"
            f"batch: 1\noptimizer: sgd\nlearning-rate: {{base: {options.rate}, decay: constant}}\n"
            f"epochs: {options.epochs}\nseed: 1\n" + ("" if threads is None else "asynchronous: {hogwild: true}\n"))
    return [options.batchwise, "train", recipe, "--run", name, "--json", "--threads", str(threads or 1)]


def ceiling(options, folder, train, test):
    """Examples a second of two processes of the exact mode at once, together."""
    both = [subprocess.Popen(command(options, folder, train, test, None, f"apart-{number}"), stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL, text=True) for number in range(2)]
    return sum(json.loads(process.communicate()[0])["examples_per_second"] for process in both)


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
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--vw-rate", type=float, default=0.5, help="Batchwise scales columns, and vw does not")
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
    speeds, times, runs, together = {mode: [] for mode in modes}, {mode: [] for mode in modes}, {}, []
    for _ in range(options.repeats):  # in turn, so that a busy machine slows all of them
        for mode in modes:
            text, seconds = run(command(options, folder, train, test, mode, mode))
            runs[mode] = json.loads(text)
            speeds[mode].append(runs[mode]["examples_per_second"])
            times[mode].append(seconds)
        together.append(ceiling(options, folder, train, test))
    one = statistics.median(speeds[None])
    print(f"{'mode':<20}{'examples/s':>12}{'ratio':>7}{'seconds':>9}{'train loss':>12}{'test loss':>11}{'accuracy':>10}")
    for mode in modes:
        name = "exact" if mode is None else f"hogwild, {mode} thread" + ("s" if mode > 1 else "")
        speed, found = statistics.median(speeds[mode]), runs[mode]
        print(f"{name:<20}{speed:>12,.0f}{speed / one:>7.2f}{statistics.median(times[mode]):>9.2f}"
              f"{found['train_loss']:>12.5f}{found['test_loss']:>11.5f}{found['test_accuracy']:>10.4f}   "
              f"{min(speeds[mode]):,.0f} to {max(speeds[mode]):,.0f}")
    speed = statistics.median(together)
    print(f"{'ceiling of two':<20}{speed:>12,.0f}{speed / one:>7.2f}   {min(together):,.0f} to {max(together):,.0f}")
    if not options.no_peers:
        peers(options, folder, train, test)


def score(test, chances):
    """The mean logistic loss and the accuracy of chances of the class 1 on a LIBSVM file."""
    with open(test) as file:
        labels = [float(line.split(" ", 1)[0]) > 0 for line in file]
    sure = [min(max(chance if label else 1 - chance, 1e-15), 1) for label, chance in zip(labels, chances, strict=True)]
    return sum(-math.log(chance) for chance in sure) / len(sure), sum(chance > 0.5 for chance in sure) / len(sure)


def peers(options, folder, train, test):
    """Vowpal Wabbit's SGD, and LIBLINEAR's solver of the same loss, where they are installed."""
    count = sum(1 for _ in open(train))
    vw = [shutil.which("vw")] if shutil.which("vw") else None
    if vw is None and importlib.util.find_spec("vowpalwabbit"):
        vw = [sys.executable, "-m", "vowpalwabbit"]
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
        model, cache = os.path.join(folder, "vw.model"), os.path.join(folder, "vw.cache")
        times = {1: [], options.epochs: []}
        for _ in range(options.repeats):
            for passes in times:
                if os.path.exists(cache):
                    os.remove(cache)
                times[passes].append(run([
                    *vw, "-d", paths[0], "--passes", str(passes), "--cache_file", cache, "--holdout_off", "-f", model,
                    "-l", str(options.vw_rate), "--power_t", "0", "--loss_function", "logistic", "--sgd", "-b", "21",
                    "--quiet"])[1])
        first, all = (statistics.median(times[passes]) for passes in times)
        raw = os.path.join(folder, "vw.raw")
        run([*vw, "-t", "-i", model, "-d", paths[1], "-r", raw, "--quiet"])
        loss, accuracy = score(test, [1 / (1 + math.exp(-float(line.split()[0]))) for line in open(raw)])
        # the first pass reads text and writes the cache; the others read the cache
        print(f"{'vw --sgd':<20}{(options.epochs - 1) * count / (all - first):>12,.0f}{'':>7}{all:>9.2f}{'':>12}{loss:>11.5f}"
              f"{accuracy:>10.4f}   speed: of passes over the cache")
    liblinear = shutil.which("liblinear-train")
    if liblinear:
        model, chances = os.path.join(folder, "liblinear.model"), os.path.join(folder, "liblinear.out")
        seconds = statistics.median(run([liblinear, "-q", "-s", "7", "-c", "1", train, model])[1]
                                    for _ in range(options.repeats))
        run([liblinear.replace("train", "predict"), "-b", "1", test, model, chances])
        with open(chances) as file:
            place = next(file).split().index("1")
            loss, accuracy = score(test, [float(line.split()[place]) for line in file])
        print(f"{'liblinear -s 7 -c 1':<20}{'':>12}{'':>7}{seconds:>9.2f}{'':>12}{loss:>11.5f}{accuracy:>10.4f}"
              f"   to convergence, regularised")


if __name__ == "__main__":
    main()
