"""Writes the data of Tests/Fixtures/hashes and hashes.json: SHA-256 of the parameters that recipes train to.

    python3 Tests/Fixtures/make-hashes.py .build/release/batchwise

Each recipe is trained once on every instruction set of this processor with one thread and one micro-batch a batch;
RecipeHashTests train it again in other cuts and compare. Run this only where a change of bits is meant, and say so in
the change log.
"""

import gzip
import json
import os
import random
import sqlite3
import struct
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

FOLDER = Path(__file__).parent / "hashes"


def png(path, width, height, channels, value):
    rows = b"".join(
        b"\0" + bytes(value(x, y, c) & 255 for x in range(width) for c in range(channels)) for y in range(height))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    color = {1: 0, 3: 2}[channels]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, color, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b""))


def npy(path, descr, shape, payload):
    header = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}"
    header += " " * (63 - (10 + len(header)) % 64) + "\n"
    path.write_bytes(b"\x93NUMPY\x01\0" + struct.pack("<H", len(header)) + header.encode() + payload)


def make_data():
    """Small files of every kind of source; every number comes from one seeded generator."""
    rng = random.Random(20261127)
    FOLDER.mkdir(exist_ok=True)
    cities = ["Oslo", "Lima", "Pune", "Kyiv", "Ulm"]
    lines = ["size,city,built,rooms,note,weight,price,class"]
    for row in range(140):
        size, rooms = rng.uniform(20, 200), rng.randint(1, 7)
        city = rng.choice(cities)
        price = 3 * size + 20 * rooms + 50 * cities.index(city) + rng.gauss(0, 10)
        missing = "" if rng.random() < 0.1 else f"{size:.2f}"
        lines.append(
            f"{missing},{city},20{rng.randint(0, 23):02d}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d},{rooms},"
            f"text {rng.randint(0, 4)},{rng.choice([0.5, 1, 2])},{price:.2f},{'dear' if price > 420 else 'cheap'}")
    (FOLDER / "houses.csv").write_text("\n".join(lines) + "\n")

    base = FOLDER / "houses.sqlite"
    base.unlink(missing_ok=True)
    with sqlite3.connect(base) as connection:
        connection.execute("CREATE TABLE houses (size REAL, city TEXT, rooms INTEGER, price REAL)")
        for line in lines[1:61]:
            cells = line.split(",")
            connection.execute("INSERT INTO houses VALUES (?, ?, ?, ?)", (cells[0] or None, cells[1], cells[3], cells[6]))
    connection.close()

    svm = []
    for row in range(120):
        columns = sorted(rng.sample(range(1, 400), 9))
        label = 1 if sum(c % 7 for c in columns) > 27 else -1
        svm.append(f"{label} " + " ".join(f"{c}:{rng.uniform(0.1, 2):.3f}" for c in columns))
    (FOLDER / "thin.svm").write_text("\n".join(svm) + "\n")

    pixels = [[rng.randint(0, 255) for _ in range(10 * 10)] for _ in range(110)]
    labels = [sum(p[:50]) > sum(p[50:]) for p in pixels]
    (FOLDER / "small-images-idx3-ubyte.gz").write_bytes(gzip.compress(
        struct.pack(">IIII", 0x803, len(pixels), 10, 10) + bytes(sum(pixels, [])), mtime=0))
    (FOLDER / "small-labels-idx1-ubyte.gz").write_bytes(gzip.compress(
        struct.pack(">II", 0x801, len(labels)) + bytes(map(int, labels)), mtime=0))

    xs = [rng.gauss(0, 1) for _ in range(100 * 12)]
    npy(FOLDER / "x.npy", "<f4", (100, 12), struct.pack("<1200f", *xs))
    ys = [sum(xs[12 * i:12 * i + 4]) + rng.gauss(0, 0.1) for i in range(100)]
    npy(FOLDER / "y.npy", "<f4", (100,), struct.pack("<100f", *ys))

    words = "the batch is stated once and everything below it is planned ".split()
    (FOLDER / "words.txt").write_text(" ".join(rng.choice(words) for _ in range(300)))

    for kind in range(2):
        for number in range(14):
            tone = rng.randint(0, 90) + 100 * kind
            png(FOLDER / "photos" / f"kind{kind}" / f"{number:02d}.png", 12, 12, 3,
                lambda x, y, c: tone + (x * (kind + 1) + y * 3 + 11 * c) % 40)


MLP = [{"dense": 24}, "relu", {"dense": "classes"}]
CNN = [{"conv": {"filters": 6, "kernel": 3, "padding": "same"}}, "relu", {"max-pool": 2}, "flatten", {"dense": "classes"}]


def recipes():
    """(name, recipe): every layer, loss, optimizer, clip, average, growth, sampling, augmentation and source."""
    found = []

    def add(name, data="digits", epochs=2, **keys):
        recipe = {"data": data, "model": MLP, "batch": {"size": 50}, "epochs": epochs}
        recipe.update({key.replace("_", "-"): value for key, value in keys.items()})
        found.append((name, {key: value for key, value in recipe.items() if value is not None}))

    def net(*layers):
        return list(layers) + ["flatten", {"dense": "classes"}]

    conv = {"conv": {"filters": 8, "kernel": 3, "padding": "same"}}
    houses = {"train": "houses.csv", "target": "price", "ignore": ["class", "weight"]}
    kinds = {"train": "houses.csv", "target": "class", "ignore": ["price", "weight"]}
    weighted = {"train": "houses.csv", "target": "class", "ignore": ["price"], "weights": "weight"}

    # layers
    add("layers: linear", model="linear")
    add("layers: preset mlp", model="mlp", epochs=1)
    add("layers: preset cnn", model="cnn", epochs=1)
    add("layers: conv, pools", model=net(conv, "relu", {"average-pool": 2}, conv, {"max-pool": {"size": 3, "stride": 1}}))
    add("layers: conv strides, dilation, groups", model=net(
        {"conv": {"filters": 8, "kernel": 3, "stride": 2, "padding": 1}}, "gelu",
        {"conv": {"filters": 8, "kernel": 2, "dilation": 2, "groups": 4, "bias": False}}))
    add("layers: global pools", model=[conv, "silu", {"residual": [conv]}, "global-average-pool", {"dense": "classes"}])
    add("layers: global max pool", model=[conv, "tanh", "global-max-pool", {"dense": "classes"}])
    add("layers: activations", model=[
        {"dense": 20}, {"leaky-relu": 0.1}, {"dense": 20}, "tanh", {"dense": 20}, "sigmoid", {"dense": 20}, "gelu",
        {"dense": 20}, "silu", {"dense": "classes"}])
    add("layers: dropout", model=[{"dense": 40}, "relu", {"dropout": 0.3}, {"dense": "classes"}])
    add("layers: layer-norm", model=[{"dense": 24}, "layer-norm", "relu", {"dense": "classes"}])
    add("layers: group-norm", model=net(conv, {"group-norm": 4}, "relu"))
    add("layers: instance-norm", model=net(conv, "instance-norm", "relu"))
    add("layers: ghost batch-norm", model=net(conv, {"batch-norm": {"ghost": 16}}, "relu"), batch={"size": 48})
    add("layers: whole batch-norm", model=net(conv, {"batch-norm": "batch"}, "relu"))
    add("layers: whole batch-norm, dense", model=[{"dense": 30}, {"batch-norm": "batch"}, "relu", {"dense": "classes"}])
    add("layers: residual batch-norm", model=net(
        conv, {"residual": [{"batch-norm": {"ghost": 16}}, "relu", conv]}, "relu"), batch={"size": 64}, epochs=1)
    add("layers: residual dense", model=[{"dense": 24}, {"residual": [{"dense": 24}, "relu"]}, {"dense": "classes"}])
    add("layers: no bias, initialisations", model=[
        {"dense": {"units": 24, "bias": False, "initialisation": "glorot"}}, "tanh", {"dense": "classes"}])
    # losses
    add("loss: label smoothing", loss={"softmax-cross-entropy": {"label-smoothing": 0.1}})
    add("loss: binary cross-entropy", data=kinds, loss="binary-cross-entropy", epochs=4)
    add("loss: mse", data=houses, loss="mse", epochs=4)
    add("loss: half mse", data=houses, loss={"mse": {"half": True}}, epochs=4)
    add("loss: huber", data=houses, loss={"huber": {"delta": 0.5}}, epochs=4)
    # optimizers
    for name, optimizer in {
        "sgd": "sgd", "sgd momentum": {"sgd": {"momentum": 0.9}},
        "sgd nesterov, decay": {"sgd": {"momentum": 0.9, "nesterov": True, "weight-decay": 0.001}},
        "sgd dampening": {"sgd": {"momentum": 0.9, "dampening": 0.5}},
        "sgd decoupled": {"sgd": {"momentum": 0.9, "weight-decay": 0.01, "decoupled": True}},
        "adam": "adam", "adam amsgrad": {"adam": {"amsgrad": True, "weight-decay": 0.001}}, "adamw": "adamw",
        "nadam": "nadam", "rmsprop": "rmsprop", "rmsprop centered": {"rmsprop": {"centered": True, "momentum": 0.5}},
        "adagrad": {"adagrad": {"initial": 0.1, "rate-decay": 0.001}}, "lars": "lars", "lamb": "lamb", "lion": "lion",
        "muon": "muon", "muon original": {"muon": {"length": "original", "nesterov": False}},
    }.items():
        add(f"optimizer: {name}", optimizer=optimizer, epochs=1)
    add("optimizer: muon, conv", optimizer="muon", model=CNN, epochs=1)
    # clipping, groups, averages
    add("clip: norm", clip={"norm": 0.5}, model=CNN, epochs=1)
    add("clip: parameter norm", clip={"parameter-norm": 0.2})
    add("clip: value", clip={"value": 0.01})
    add("clip: norm of adam", clip={"norm": 0.5}, optimizer="adam", epochs=1)
    add("groups: rates, decay, frozen", groups=[
        {"match": "0.*", "rate": 0.5}, {"match": "*.bias", "weight-decay": 0.01}], epochs=1)
    add("groups: frozen", model=[{"dense": 24}, "relu", {"dense": 24}, "relu", {"dense": "classes"}],
        groups=[{"match": "0", "freeze": True}])
    add("average: ema", average={"ema": 0.95})
    add("average: swa", average={"swa": {"from": "1 epochs", "every": "10 updates"}})
    add("average: ema, batch-norm", average={"ema": 0.9}, model=[
        {"dense": 24}, {"batch-norm": {"ghost": 16}}, "relu", {"dense": "classes"}], batch={"size": 32}, epochs=1)
    # batches
    add("batch: one", batch={"size": 1}, epochs=1)
    add("batch: one, linear", batch={"size": 1}, model="linear", epochs=1)
    add("batch: seven", batch={"size": 7, "grain": 3}, epochs=1)
    add("batch: grain and lanes", batch={"size": 100, "grain": 8, "lanes": 5})
    add("batch: whole data", batch={"size": 2000}, epochs=6)
    add("batch: drop", batch={"size": 100, "last": "drop"})
    add("batch: pad", batch={"size": 100, "last": "pad"})
    add("batch: blocks", batch={"size": 64, "block": 16})
    add("batch: grow at marks", batch={"size": 16, "grow": {"at": ["50 updates", "1 epochs"], "times": 2}})
    add("batch: grow to, scaled", batch={"size": 16, "grow": {"at": "1 epochs", "to": 64, "rate": "scale", "momentum": "scale"}})
    add("batch: norm test", batch={"size": 16, "grow": {"by": "norm-test", "theta": 0.5, "every": "0.5 epochs", "up-to": 256}})
    add("batch: class balance", data=kinds, batch={"size": 20, "sampling": "class-balance"}, epochs=4)
    add("batch: by weights", data=weighted, batch={"size": 20, "sampling": {"by": "weights", "replacement": False, "examples": 60}}, epochs=4)
    # schedules, stops
    add("rate: warmup, cosine", learning_rate={"base": 0.05, "at-batch": 32, "scaling": "linear", "warmup": "1 epochs", "decay": "cosine"})
    add("rate: one-cycle", learning_rate={"base": 0.1, "decay": "one-cycle"})
    add("rate: plateau", learning_rate={"base": 0.1, "decay": {"plateau": {"patience": 0, "factor": 0.5}}}, epochs=5)
    add("stop: early, best", data={"train": "digits", "split": {"validation": 0.2}}, **{
        "early-stopping": {"patience": 1}, "keep": "best"}, epochs=5)
    # augmentation
    add("augment: images", model=CNN, augment=[{"crop": 1}, "flip", {"rotate": 10}, {"brightness": 0.2}, {"cutout": 3}], epochs=1)
    add("augment: mixup", augment=[{"mixup": 0.3}])
    # sources
    add("source: table", data=houses, batch={"size": 16}, epochs=5)
    add("source: table, weights, class weights", data={**weighted, "class-weights": "balanced"}, batch={"size": 16}, epochs=5)
    add("source: table, rules", data={
        "train": "houses.csv", "target": ["price", "rooms"], "split": {"test": 0.2, "validation": 0.1},
        "columns": {"size": "log", "city": {"hash": 8}, "note": "ignore", "class": "ignore", "weight": "ignore"}}, epochs=5)
    add("source: sqlite", data={"train": "houses.sqlite", "target": "price"}, batch={"size": 8}, epochs=5)
    add("source: libsvm", data={"train": "thin.svm"}, model=[{"dense": 16}, "relu", {"dense": "classes"}], batch={"size": 16}, epochs=5)
    add("source: libsvm, linear", data={"train": "thin.svm"}, model="linear", batch={"size": 1}, epochs=3)
    add("source: idx", data={"train": "small-images-idx3-ubyte.gz", "split": {"test": 0.2}}, model=CNN, batch={"size": 16}, epochs=3)
    add("source: npy", data={"train": "x.npy", "labels": "y.npy"}, batch={"size": 16}, epochs=4)
    add("source: text", data={"train": "words.txt", "window": 12}, model=[
        {"embedding": {"vocabulary": 32, "width": 6}}, "flatten", {"dense": 24}, "relu", {"dense": "classes"}],
        batch={"size": 16}, epochs=2)
    add("source: photos", data={"train": "photos"}, model=CNN, batch={"size": 8}, epochs=3)
    add("precision: bfloat16", precision="bfloat16", model=[{"dense": 64}, "relu", {"dense": "classes"}], batch={"size": 64})
    return found


def main(program):
    program = str(Path(program).resolve())
    make_data()
    table = []
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["cp", "-r", f"{FOLDER}/.", folder], check=True)
        for number, (name, recipe) in enumerate(recipes()):
            file = f"recipe-{number}.yaml"
            Path(folder, file).write_text(json.dumps(recipe))
            hashes = {}
            for instruction_set in ["baseline", "avx2", "avx512"]:
                done = subprocess.run(
                    [program, "train", file, "--json", "--threads", "1", "--run", f"runs/{number}-{instruction_set}"],
                    cwd=folder, env={**os.environ, "BATCHWISE_INSTRUCTION_SET": instruction_set}, text=True,
                    capture_output=True)
                if done.returncode == 0:
                    hashes[instruction_set] = json.loads(done.stdout)["parameters_sha256"]
                elif instruction_set == "avx512" or "precision" not in name:
                    sys.exit(f"{name} on {instruction_set}: {done.stderr}")
            table.append({"name": name, "recipe": json.dumps(recipe), "parameters_sha256": hashes})
    Path(__file__).with_name("hashes.json").write_text(json.dumps(table, indent=1) + "\n")
    same = sum(len(set(entry["parameters_sha256"].values())) == 1 for entry in table)
    print(f"{len(table)} recipes, {same} of them with the same bits on every instruction set")


if __name__ == "__main__":
    main(sys.argv[1])
