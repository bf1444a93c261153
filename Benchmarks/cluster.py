"""Are the predictions of `batchwise simulate cluster` true? Beside simulated processes of SimGrid, and real ones of MPI.

    python cluster.py simgrid
    python cluster.py real train-images-idx3-ubyte.gz

`simgrid` needs `apt-get install simgrid libsimgrid-dev`; cluster/update.c makes the messages of an update there, with
the same bytes. `real` needs Open MPI: it trains 784-512-256-10 with 1, 2 and 4 processes of one thread, which take each
other for other machines, and prints the measured seconds of an update beside the predicted ones. Both need
`swift build -c release` in the folder above.
"""

import argparse
import json
import os
import subprocess
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
COMMAND = HERE.parent / ".build/release/batchwise"
PLATFORM = """<?xml version='1.0'?>
<!DOCTYPE platform SYSTEM "https://simgrid.org/simgrid.dtd">
<platform version="4.1">
<cluster id="c" prefix="w-" suffix="" radical="0-{last}" speed="1Gf" bw="{bandwidth}Bps" lat="{latency}s"
         sharing_policy="SPLITDUPLEX"/>
</platform>
"""
# latency in seconds, bandwidth in bytes a second
NETWORKS = {"1 Gbit": (50e-6, 125e6), "25 Gbit": (5e-6, 3.125e9)}
# of a worker: examples, seconds a + b B; numbers of an example, parameters
MODELS = {
    "digits, two convolutions": (32, 11e-6, 5.59e-6, 4859, 53002),
    "784-512-256-10": (128, 100e-6, 12e-6, 2854, 535818),
}


def output(*command, **environment):
    words = [str(word) for word in command]
    done = subprocess.run(words, capture_output=True, text=True, env=os.environ | environment)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(words)}: {done.stderr[-2000:]}")
    return done.stdout


def predict(command, *options):
    """Seconds of an update by way and number of workers, and all that was said."""
    said = json.loads(output(command, "simulate", "cluster", *options, "--json"))
    points = {
        (way["way"], point["workers"]): point["seconds_per_update"] for way in said["ways"] for point in way["points"]
    }
    return points, said


def simgrid(arguments):
    worst = 0
    with tempfile.TemporaryDirectory() as folder:
        program = f"{folder}/update"
        output("smpicc", "-O2", "-DSMPI_SIMULATED", "-o", program, HERE / "cluster/update.c", "-lm")
        print("model, network, spread, way, K: simulated ms, predicted ms, ratio")
        for model, (batch, fixed, each, numbers, parameters) in MODELS.items():
            for network, (latency, bandwidth) in NETWORKS.items():
                for spread in (0, 0.3):
                    counts = arguments.workers
                    points, _ = predict(
                        arguments.command, "--batch", batch, "--seconds", fixed, "--seconds-per-example", each,
                        "--row-numbers", numbers, "--parameters", parameters, "--latency", latency, "--bandwidth",
                        bandwidth, "--stragglers", spread, "--workers", ",".join(map(str, counts)))  # fmt: skip
                    for way, name in (("gather", "synchronous"), ("reduce", "all-reduce")):
                        for count in counts:
                            rows, gradient = 4 * batch * count * numbers, 4 * parameters
                            # the sums of the one layer are handed over where they are fewer bytes
                            rows, sums = (0, gradient) if rows > gradient * (1 + 1 / count) else (rows, 0)
                            found = simulated(
                                folder, program, count, latency, bandwidth, way, rows, sums, gradient,
                                fixed + each * batch, spread, arguments.selector, arguments.model)  # fmt: skip
                            ratio = points[name, count] / found
                            worst = max(worst, abs(ratio - 1))
                            print(
                                f"{model}, {network}, {spread}, {name}, {count}: {1e3 * found:.3f}, "
                                f"{1e3 * points[name, count]:.3f}, {ratio:.3f}", flush=True)  # fmt: skip
    print(f"the largest difference is {100 * worst:.1f}%")


def simulated(folder, program, count, latency, bandwidth, way, rows, sums, gradient, seconds, spread, selector, model):
    # a message crosses the link of the sender and that of the receiver
    Path(folder, "platform.xml").write_text(
        PLATFORM.format(last=count - 1, bandwidth=bandwidth, latency=latency / 2))
    Path(folder, "hosts").write_text("".join(f"w-{number}\n" for number in range(count)))
    rings = selector == "ring"
    algorithms = [
        f"--cfg=smpi/allgatherv:{'ring' if rings or rows >= 524288 else 'mpich'}",
        f"--cfg=smpi/allreduce:{'lr' if gradient >= 524288 or rings else 'rab'}",
    ]
    updates = 100 if spread else 3
    text = output(
        "smpirun", "-np", count, "-platform", f"{folder}/platform.xml", "-hostfile", f"{folder}/hosts",
        f"--cfg=network/model:{model}", "--cfg=network/TCP-gamma:0", "--cfg=smpi/simulate-computation:no",
        *algorithms, "--log=root.thres:critical", program, way, rows, sums, gradient, seconds, spread,
        updates)  # fmt: skip
    return float(text.split()[-1])


def real(arguments):
    def mpi(count):
        return ["mpirun.openmpi", "--bind-to", "none", *(["--oversubscribe"] if count > cores else []), "-n", count]

    root = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
    apart = root | {"BATCHWISE_PROCESSES_PER_MACHINE": "1"}
    cores = len(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory() as folder:
        recipe = Path(folder, "recipe.yaml")
        recipe.write_text(
            f"data: {{train: {arguments.images.resolve()}}}\n"
            "model: [flatten, {dense: 512}, relu, {dense: 256}, relu, {dense: classes}]\n"
            f"batch: {{size: {arguments.batch}}}\nepochs: 1\n")
        program = f"{folder}/update"
        output("mpicc.openmpi", "-O2", "-o", program, HERE / "cluster/update.c", "-lm")

        def messages(count, bytes_, updates):
            text = output(*mpi(count), program, "gather", bytes_, 0, 1, 0, 0, updates, **root)
            return float(text.split()[-1])

        print("K: measured ms, predicted ms, ratio; of it messages, latency, bandwidth")
        for _ in range(arguments.rounds):
            # the network between two processes: an exchange of nearly nothing, and one of 8 MB
            none = min(messages(2, 2, 2000) for _ in range(3))
            much = min(messages(2, 8_000_000, 50) for _ in range(3))
            latency, bandwidth = none / 2, 4e6 / (much - none)
            options = [recipe, "--scaling", "strong", "--threads", 1, "--latency", latency, "--bandwidth", bandwidth,
                       "--critical-batch", 1000]  # fmt: skip
            counts = (1, 2, 4)
            said = predict(arguments.command, *options, "--workers", ",".join(map(str, counts)))[1]
            for count, point in zip(counts, said["points"]):
                # more workers than cores take turns
                turns = max(1, count / cores)
                network = point["network_seconds"]
                predicted = turns * (point["seconds_per_update"] - network) + network
                times = []
                for _ in range(arguments.tries):
                    run = ["--run", f"{folder}/run", "--threads", "1", "--json"]
                    train = [arguments.command, "train", recipe, *run]
                    text = output(*(mpi(count) if count > 1 else []), *train, **apart)
                    times.append(1 / json.loads(text)["updates_per_second"])
                    subprocess.run(["rm", "-r", f"{folder}/run"], check=True)
                # the fastest: other programs only make an update longer
                found = min(times)
                print(
                    f"{count}: {1e3 * found:.3f} (up to {1e3 * max(times):.3f}), "
                    f"{1e3 * predicted:.3f}, {predicted / found:.3f}; {1e3 * network:.3f} ms, "
                    f"{1e6 * latency:.2f} us, {bandwidth / 1e9:.2f} GB/s",
                    flush=True)  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--command", type=Path, default=COMMAND)
    ways = parser.add_subparsers(dest="what", required=True)
    one = ways.add_parser("simgrid")
    one.add_argument("--workers", type=int, nargs="*", default=[2, 4, 16, 64])
    one.add_argument("--selector", choices=["by-size", "ring"], default="by-size")
    one.add_argument("--model", default="CM02", help="SimGrid's model of the network: CM02 or SMPI")
    one.set_defaults(run=simgrid)
    two = ways.add_parser("real")
    two.add_argument("images", type=Path)
    two.add_argument("--batch", type=int, default=256)
    two.add_argument("--rounds", type=int, default=1)
    two.add_argument("--tries", type=int, default=3, help="short trainings, of which the fastest counts")
    two.set_defaults(run=real)
    arguments = parser.parse_args()
    arguments.run(arguments)


if __name__ == "__main__":
    main()
