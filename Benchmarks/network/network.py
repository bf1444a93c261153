"""Training over a slow network: synchronous and local SGD on two hosts, which are network namespaces of this machine.

    sudo python3 network.py --megabits 1000 --milliseconds 1 --goal 0.97

Two namespaces are joined by `relay`, which sends so many bits a second and lets each frame travel so long. `mpirun` starts
one process in each, with a host name of its own, so that MPI takes them for two machines. Each way trains the same model on
MNIST to the goal, and the table has the seconds of training until an epoch has reached it. Beside the seconds of an update
stands the prediction of `batchwise simulate cluster` for the latency and bandwidth that messages have on this link.

Needs root, `ip`, a C compiler, and `swift build -c release` in the repository. Where namespaces are not permitted it says
so and ends with status 77.
"""

import argparse
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

HERE = Path(__file__).resolve().parent
HOSTS = ["bw-one", "bw-two"]


def run(*command, **options):
    return subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True, **options)


class Network:
    """Two namespaces and the link between them; all of it goes when the `with` block ends, with every process in it."""

    def __init__(self, folder, megabits, milliseconds):
        self.folder, self.megabits, self.milliseconds = folder, megabits, milliseconds
        self.relay = None

    def __enter__(self):
        self.leave()
        run("cc", "-O2", "-o", f"{self.folder}/relay", HERE / "relay.c")
        try:
            self.join()
        except subprocess.CalledProcessError as error:
            self.leave()
            print(f"skipped: namespaces are not permitted here: {error.stderr.strip()}")
            sys.exit(77)
        except BaseException:
            self.leave()
            raise
        return self

    def join(self):
        for number, host in enumerate(HOSTS, 1):
            run("ip", "netns", "add", host)
            run("ip", "link", "add", f"bw{number}a", "type", "veth", "peer", "name", f"bw{number}b")
            run("ip", "link", "set", f"bw{number}b", "netns", host)
            run("ip", "link", "set", f"bw{number}a", "up")
            run("ip", "netns", "exec", host, "ip", "link", "set", "lo", "up")
            run("ip", "netns", "exec", host, "ip", "addr", "add", f"10.77.0.{number}/24", "dev", f"bw{number}b")
            run("ip", "netns", "exec", host, "ip", "link", "set", f"bw{number}b", "up")
            # a connection that has been idle for an update goes on at full speed
            idle = "echo 0 > /proc/sys/net/ipv4/tcp_slow_start_after_idle"
            run("ip", "netns", "exec", host, "sh", "-c", idle)
        self.relay = subprocess.Popen(
            [f"{self.folder}/relay", "bw1a", "bw2a", str(self.megabits), str(self.milliseconds)], stdout=subprocess.PIPE)
        self.relay.stdout.readline()
        # MPI starts the process of another host by an agent
        self.agent = Path(self.folder) / "agent"
        self.agent.write_text(textwrap.dedent("""\
            #!/bin/sh
            host=$1; shift
            exec ip netns exec "$host" unshare --uts sh -c "hostname $host; $*"
            """))
        self.agent.chmod(0o755)

    def __exit__(self, *_):
        self.leave()

    def leave(self):
        """Also what a run has left that was killed itself: whatever is in the namespaces is of no other program."""
        if self.relay:
            self.relay.kill()
            self.relay.wait()
        for number, host in enumerate(HOSTS, 1):
            inside = subprocess.run(["ip", "netns", "pids", host], capture_output=True, text=True).stdout
            for process in inside.split():
                try:
                    os.kill(int(process), signal.SIGKILL)
                except ProcessLookupError:
                    pass
            subprocess.run(["ip", "netns", "del", host], capture_output=True)
            subprocess.run(["ip", "link", "del", f"bw{number}a"], capture_output=True)

    def mpirun(self, command):
        hosts = Path(self.folder) / "hosts"
        hosts.write_text("10.77.0.1 bw-one\n10.77.0.2 bw-two\n127.0.0.1 localhost\n")
        options = [
            "--mca", "plm_rsh_agent", self.agent, "--mca", "plm", "rsh", "--mca", "pml", "ob1", "--mca", "btl", "tcp,self",
            "--mca", "btl_tcp_if_include", "10.77.0.0/24", "--mca", "oob_tcp_if_include", "10.77.0.0/24",
            "--bind-to", "none", "--host", "bw-one:1,bw-two:1", "-n", "2"]
        words = " ".join(f"'{part}'" for part in ["mpirun", *options, *command])
        script = f"hostname bw-one; mount --bind {hosts} /etc/hosts; exec {words}"
        return ["ip", "netns", "exec", HOSTS[0], "unshare", "--uts", "--mount", "sh", "-c", script]


def measured(network, folder, environment):
    """The latency and the bandwidth of messages: the least squares of relative errors of seconds = latency + n / bandwidth."""
    run("mpicc", "-O2", "-o", f"{folder}/messages", HERE / "messages.c")
    found = subprocess.run(
        network.mpirun([f"{folder}/messages"]), check=True, capture_output=True, text=True, env=environment).stdout
    points = [(float(line.split()[0]), float(line.split()[1])) for line in found.splitlines()]
    # sum over points of ((latency + n each - s) / s)^2
    one = sum(1 / s**2 for _, s in points)
    cross = sum(n / s**2 for n, s in points)
    square = sum(n * n / s**2 for n, s in points)
    left, right = sum(1 / s for _, s in points), sum(n / s for n, s in points)
    each = (one * right - cross * left) / (one * square - cross * cross)
    latency = (left - cross * each) / one
    print(f"messages: {1e3 * latency:.2f} ms and {8e-6 / each:.0f} Mbit/s")
    return max(latency, 0), 1 / each


def predicted(args, settings, latency, bandwidth, updates, environment):
    """The seconds of an update of the synchronous and the local way."""
    command = [
        str(Path(args.program).resolve()), "simulate", "cluster", str(Path(args.data).resolve()), "--threads", "1", "--json",
        *settings, "--workers", "2", "--scaling", "strong", "--latency", str(latency), "--bandwidth", str(bandwidth),
        "--critical-batch", "1000", "--updates", "1000", "--local-updates", str(updates)]
    said = json.loads(subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout)
    return {way["way"]: way["points"][0]["seconds_per_update"] for way in said["ways"]}


def seconds_to_goal(run_folder, goal):
    """The seconds of training when an epoch first reached the accuracy."""
    seconds = 0.0
    for line in open(f"{run_folder}/events.jsonl"):
        event = json.loads(line)
        if event.get("event") == "epoch":
            seconds += event["seconds"]
            if event["test_accuracy"] >= goal:
                return seconds, event["epoch"]
    return None, None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=str(HERE.parent.parent / ".build/release/batchwise"))
    parser.add_argument("--data", default="../shared/data/mnist/train-images-idx3-ubyte.gz")
    parser.add_argument("--model", default="[flatten, {dense: 512}, relu, {dense: 256}, relu, {dense: classes}]")
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--rate", default="0.1")
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--updates", type=int, nargs="+", default=[16])
    parser.add_argument("--goal", type=float, default=0.97)
    parser.add_argument("--megabits", type=float, default=1000)
    parser.add_argument("--milliseconds", type=float, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    # an exit, so that the network is taken down
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    environment = os.environ | {
        "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
    ways = {"synchronous": []}
    for updates in args.updates:
        ways[f"local SGD, H = {updates}"] = ["--set", f"replicas={{count: 2, updates: {updates}}}"]
    with tempfile.TemporaryDirectory() as folder, Network(folder, args.megabits, args.milliseconds) as network:
        model = [
            "--set", f"model={args.model}", "--set", f"batch.size={args.batch}", "--set", f"learning-rate={args.rate}",
            "--set", f"epochs={args.epochs}"]
        latency, bandwidth = measured(network, folder, environment)
        predictions = {}
        for updates in args.updates:
            said = predicted(args, model, latency, bandwidth, updates, environment)
            predictions["synchronous"], predictions[f"local SGD, H = {updates}"] = said["synchronous"], said["local"]
        found = {way: [] for way in ways}
        for _ in range(args.rounds):
            for way, settings in ways.items():
                place = f"{folder}/run"
                command = [
                    str(Path(args.program).resolve()), "train", str(Path(args.data).resolve()), "--threads", "1", "--json",
                    "--run", place, *model, *settings]
                result = subprocess.run(network.mpirun(command), capture_output=True, text=True, env=environment)
                if result.returncode != 0:
                    sys.exit(result.stderr[-2000:])
                summary = json.loads(result.stdout)
                seconds, epoch = seconds_to_goal(place, args.goal)
                found[way].append((seconds, summary["seconds"] / summary["updates"], summary["test_accuracy"], epoch))
                shutil.rmtree(place)
        print("| way | seconds an update | predicted | seconds to goal | epoch | accuracy at the end |")
        print("|---|---|---|---|---|---|")
        for way, rounds in found.items():
            goals = [seconds for seconds, *_ in rounds if seconds is not None]
            print(
                f"| {way} | {statistics.median(update for _, update, *_ in rounds):.5f} | {predictions[way]:.5f} "
                f"| {f'{statistics.median(goals):.2f}' if len(goals) == len(rounds) else 'not reached'} "
                f"| {rounds[0][3]} | {statistics.median(accuracy for _, _, accuracy, _ in rounds):.4f} |")


if __name__ == "__main__":
    main()
