"""Training in several processes: Batchwise over MPI beside PyTorch's DistributedDataParallel over Gloo.

    .venv/bin/python processes.py --processes 2 --rounds 3

Both train the same model on the same 8192 examples in the same batches, B examples an update whatever the number of
processes: PyTorch's processes take B/K each, with one thread a process, gradients as views of its buckets, and a static
graph. Ours is the whole of `mpirun -n K batchwise train --threads 1`, with its log and its checks of every number; its
speed is that of the run's JSON. Each case runs in turn, and the table has medians.

Needs `swift build -c release` in the repository, and the environment that `setup` makes.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import workloads

HERE = Path(__file__).parent
MODELS = ["mlp-784-128-10", "mlp-784-512-256-10", "mlp-1024-2048-2048-10", "conv-32-64-128"]
ENVIRONMENT = os.environ | {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}


# MARK: PyTorch


def train_process(rank, processes, name, batch, seconds, port, results):
    import torch
    import torch.distributed as dist
    from torch.nn.parallel import DistributedDataParallel

    import peer_torch

    os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    dist.init_process_group("gloo", rank=rank, world_size=processes)
    torch.set_num_threads(1)
    torch.manual_seed(1)
    workload = workloads.WORKLOADS[name]
    inputs, targets = (torch.from_numpy(part) for part in workloads.dataset(workload))
    targets = targets.long()
    if workload.has_images:
        inputs = inputs.permute(0, 3, 1, 2).to(memory_format=torch.channels_last)
    model = DistributedDataParallel(peer_torch.model(workload), gradient_as_bucket_view=True, static_graph=True)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.001, momentum=0.9, fused=True)
    order = torch.from_numpy(workloads.order(batch))
    share = batch // processes

    def update(number):
        first = number * batch % workloads.EXAMPLES + rank * share
        index = order[first:first + share]
        x, y = inputs.index_select(0, index), targets.index_select(0, index)
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()

    for number in range(10):
        update(number)
    dist.barrier()
    start, count = time.perf_counter(), 0
    # all processes make the same number of updates
    chunk = 20
    while True:
        for _ in range(chunk):
            update(count)
            count += 1
        going = torch.tensor([1.0 if time.perf_counter() - start < seconds else 0.0])
        dist.broadcast(going, 0)
        if going.item() == 0:
            break
    if rank == 0:
        results.put(batch * count / (time.perf_counter() - start))
    dist.destroy_process_group()


def pytorch(name, batch, processes, seconds, port):
    import torch.multiprocessing as multiprocessing

    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    multiprocessing.spawn(
        train_process, args=(processes, name, batch, seconds, port, results), nprocs=processes, join=True)
    return results.get()


# MARK: Batchwise


def recipe(workload):
    layers = []
    for filters in workload.convolutions:
        layers.append(f"{{conv: {{filters: {filters}, kernel: 3, padding: same}}}}, relu, {{max-pool: 2}}")
    layers.append("flatten")
    for units in workload.dense[:-1]:
        layers.append(f"{{dense: {units}}}, relu")
    return "[" + ", ".join(layers + ["{dense: classes}"]) + "]"


def batchwise(args, name, batch, folder):
    workload = workloads.WORKLOADS[name]
    # as long as the peer: the time of an epoch is not known before
    epochs, speed = 2, 0.0
    while True:
        command = ["mpirun", "--bind-to", "none", "--oversubscribe", "-n", str(args.processes)]
        if args.processes == 1:
            command = []
        command += [
            args.program, "train", f"{folder}/{name}.npz", "--json", "--threads", "1", "--run", f"{folder}/run",
            "--set", f"model={recipe(workload)}", "--set", f"batch.size={batch}", "--set", f"epochs={epochs}",
            "--set", "learning-rate=0.001", "--set", "optimizer={sgd: {momentum: 0.9}}"]
        result = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT)
        subprocess.run(["rm", "-rf", f"{folder}/run"], check=True)
        if result.returncode != 0:
            sys.exit(result.stderr[-2000:])
        found = json.loads(result.stdout)
        speed = found["examples_per_second"]
        if found["seconds"] > 0.7 * args.seconds:
            return speed
        epochs = min(int(epochs * 1.2 * args.seconds / max(found["seconds"], 0.005)) + 1, 100_000)


def write(name, folder):
    inputs, targets = workloads.dataset(workloads.WORKLOADS[name])
    targets = targets.astype(np.int64)
    np.savez(
        f"{folder}/{name}.npz", x_train=inputs, y_train=targets, x_test=inputs[:256], y_test=targets[:256])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=str(HERE.parent.parent / ".build/release/batchwise"))
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--models", nargs="+", default=MODELS)
    parser.add_argument("--batches", nargs="+", type=int, default=[8, 32, 128, 512, 1024])
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    print("| model | batch | PyTorch DDP, Gloo | Batchwise | ratio |\n|---|---|---|---|---|", flush=True)
    port = 29500
    with tempfile.TemporaryDirectory() as folder:
        for name in args.models:
            write(name, folder)
            for batch in args.batches:
                theirs, own = [], []
                for _ in range(args.rounds):
                    port += 1
                    theirs.append(pytorch(name, batch, args.processes, args.seconds, port))
                    own.append(batchwise(args, name, batch, folder))
                ratio = statistics.median(b / a for a, b in zip(theirs, own))
                print(
                    f"| {name} | {batch} | {statistics.median(theirs):,.0f} | {statistics.median(own):,.0f} "
                    f"| {ratio:.2f} |", flush=True)


if __name__ == "__main__":
    main()
