"""Random recipes, each trained in several splits: all must come to the same parameters.

    python3 random_recipes.py --recipes 50 --seed 1
    python3 random_recipes.py --program .build-mpich/release/batchwise --mpirun mpirun.mpich

Every recipe is drawn from what recipes can say: model, batch, optimizer, schedule, clipping, SAM, averages, growing
batches, augmentation, precision, replicas. It is trained by one thread, and then by every split of processes x threads,
also where processes exchange messages as between machines, and once more begun by four processes, killed, and resumed
by two and by three. Prints a line a recipe, and how many of the hashes differ.
"""

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
SPLITS = [(1, 2, 0), (2, 1, 0), (2, 2, 0), (3, 1, 0), (4, 1, 0), (8, 1, 0), (2, 1, 1), (3, 1, 2), (4, 2, 1)]
ENVIRONMENT = os.environ | {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}


def recipe(random):
    """Settings of a random recipe on the digits: 1,437 examples."""
    choice = random.choice
    has_images = random.random() < 0.4
    layers = []
    if has_images:
        layers.append(f"{{conv: {{filters: {choice([4, 8])}, kernel: 3, padding: same}}}}")
        layers += [choice(["{batch-norm: {ghost: 8}}", "{group-norm: 2}", "{batch-norm: batch}"])] * choice([0, 1])
        layers += ["relu", "{max-pool: 2}"]
    layers.append("flatten")
    for _ in range(choice([0, 1, 2])):
        layers.append(f"{{dense: {choice([17, 32, 64])}}}")
        layers += choice([[], [], ["{batch-norm: {ghost: 16}}"], ["{batch-norm: batch}"], ["layer-norm"]])
        layers.append(choice(["relu", "tanh", "gelu"]))
        layers += choice([[], [], ["{dropout: 0.3}"]])
    layers.append("{dense: classes}")
    batch = choice([16, 32, 48, 64, 96, 100, 479, 718])
    optimizer, rate = choice([
        ("{sgd: {momentum: 0.9}}", 0.05), ("sgd", 0.1), ("{sgd: {momentum: 0.9, nesterov: true}}", 0.05), ("adam", 0.003),
        ("adamw", 0.003), ("lamb", 0.01), ("muon", 0.02), ("rmsprop", 0.002)])
    settings = [f"model=[{', '.join(layers)}]", f"batch.size={batch}", f"optimizer={optimizer}", f"learning-rate={rate}",
                f"epochs={choice([1, 2])}", f"seed={random.randrange(1000)}"]
    if any("ghost" in layer for layer in layers) and batch % 16:
        settings[1] = "batch.size=64"
    if random.random() < 0.25:
        settings.append(f"clip={choice(['{norm: 0.5}', '{value: 0.1}'])}")
    if random.random() < 0.2:
        settings.append(f"sam={choice(['0.05', '{rho: 0.2, adaptive: true}'])}")
    if random.random() < 0.2:
        settings.append(f"batch.last={choice(['drop', 'keep'])}")
    if random.random() < 0.25 and has_images:
        settings.append(f"augment={choice(['[{crop: 1}]', '[{mixup: 0.2}]', '[flip, {crop: 1}]'])}")
    kind = choice(["", "", "average", "grow", "replicas", "replicas"])
    if kind == "average":
        settings.append(f"average={choice(['{ema: 0.98}', '{swa: {from: 10 updates, every: 3 updates}}'])}")
    if kind == "grow":
        settings.append("batch.grow={at: [20 updates], times: 2}")
    if kind == "replicas":
        rule = choice(["", ", outer: {rate: 0.7}", ", elastic: 0.1", ", compression: bfloat16",
                       ", compression: {largest: 0.1}", ", start: 10 updates", ", fragments: 2"])
        settings.append(f"replicas={{count: 8, updates: {choice([2, 5])}{rule}}}")
    return settings


class Trainings:
    def __init__(self, program, mpirun, folder):
        self.program, self.folder, self.count = program, folder, 0
        # those of Open MPI, which takes more processes than cores for an error, and binds each to a core
        options = [] if "mpich" in mpirun else ["--oversubscribe", "--bind-to", "none"]
        self.launcher = [mpirun, *options, "-n"]

    def command(self, processes, threads, arguments):
        launcher = [*self.launcher, str(processes)] if processes > 1 else []
        return launcher + [self.program, "train", *arguments, "--json", "--threads", str(threads)]

    def environment(self, machine):
        return ENVIRONMENT | ({"BATCHWISE_PROCESSES_PER_MACHINE": str(machine)} if machine else {})

    def hash(self, settings, processes, threads, machine):
        self.count += 1
        run = f"{self.folder}/run{self.count}"
        arguments = ["digits", "--run", run] + [word for setting in settings for word in ("--set", setting)]
        found = subprocess.run(
            self.command(processes, threads, arguments), capture_output=True, text=True, timeout=300,
            env=self.environment(machine))
        shutil.rmtree(run, ignore_errors=True)
        return self.parameters(found)

    @staticmethod
    def parameters(found):
        try:
            return json.loads(found.stdout)["parameters_sha256"]
        except (ValueError, KeyError):
            return f"status {found.returncode}: {(found.stderr or found.stdout)[-300:].strip()}"

    def killed(self, settings, updates):
        """Begun by four processes, killed after some updates, resumed by two, killed again, resumed by three."""
        self.count += 1
        run = f"{self.folder}/run{self.count}"
        start = ["digits", "--run", run, "--checkpoint-every", "5 updates"]
        start += [word for setting in settings for word in ("--set", setting)]
        for processes, last in [(4, updates), (2, 2 * updates)]:
            job = subprocess.Popen(
                self.command(processes, 1, start), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=ENVIRONMENT,
                start_new_session=True)
            limit = time.time() + 60
            while job.poll() is None and time.time() < limit:
                names = sorted(Path(f"{run}/checkpoints").glob("update-*.safetensors"))
                if names and int(names[-1].stem.split("-")[1]) >= last:
                    break
                time.sleep(0.0005)
            self.kill_ranks(run)
            job.wait(timeout=60)
            start = ["--resume", run, "--checkpoint-every", "5 updates"]
        found = subprocess.run(
            self.command(3, 1, ["--resume", run]), capture_output=True, text=True, timeout=300, env=ENVIRONMENT)
        shutil.rmtree(run, ignore_errors=True)
        return self.parameters(found)

    @staticmethod
    def kill_ranks(run):
        """Kills the processes that train this run: those that name it in their command, but for mpirun."""
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if run.encode() in words and b"mpirun" not in words[0]:
                try:
                    os.kill(int(entry.name), signal.SIGKILL)
                except ProcessLookupError:
                    pass


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=str(HERE.parent / ".build/release/batchwise"))
    parser.add_argument("--mpirun", default="mpirun", help="the launcher of the program's MPI")
    parser.add_argument("--recipes", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    differing, compared = 0, 0
    with tempfile.TemporaryDirectory() as folder:
        trainings = Trainings(str(Path(args.program).resolve()), args.mpirun, folder)
        for number in range(args.recipes):
            # a draw that is no recipe (marks behind the end of the run) is drawn again
            for attempt in range(100):
                settings = recipe(random.Random(f"{args.seed} {number} {attempt}"))
                expected = trainings.hash(settings, 1, 1, 0)
                if not expected.startswith("status"):
                    break
            found = {split: trainings.hash(settings, *split) for split in SPLITS}
            found["killed"] = trainings.killed(settings, 5)
            others = {split: value for split, value in found.items() if value != expected}
            compared += len(found)
            differing += len(others)
            print(f"{number}: {expected[:8]} {'equal' if not others else others} {settings}", flush=True)
    print(f"{differing} of {compared} differ")
    sys.exit(1 if differing else 0)


if __name__ == "__main__":
    main()
