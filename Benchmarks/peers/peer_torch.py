"""The workloads in PyTorch.

Modes:
    eager    nn.Sequential, loss.backward() and the fused SGD
    compile  one torch.compile graph for the whole update: gather, forward, backward, momentum and step

Images are channels-last in memory, which is the faster format here.
"""

import torch
import torch.nn.functional as F
from torch import nn

import workloads

VERSION = torch.__version__


def matrix_product(size):
    a, b, product = torch.randn(size, size), torch.randn(size, size), torch.empty(size, size)
    return lambda: torch.mm(a, b, out=product)


class Peer:
    def __init__(self, workload, batch, mode):
        inputs, targets = workloads.dataset(workload)
        self.inputs, self.targets = torch.from_numpy(inputs), torch.from_numpy(targets)
        if workload.loss == "softmax-cross-entropy":
            self.targets = self.targets.long()
        if workload.convolutions:
            self.inputs = self.inputs.permute(0, 3, 1, 2).to(memory_format=torch.channels_last)
        self.order = torch.from_numpy(workloads.order(batch))
        self.batch, self.position = batch, 0
        self.loss = squared_error if workload.loss == "mse" else F.cross_entropy
        self.model = model(workload)
        if mode == "eager":
            self.optimizer = torch.optim.SGD(
                self.model.parameters(), lr=workloads.LEARNING_RATE, momentum=workloads.MOMENTUM, fused=True)
            self.update = self.eager_update
        else:
            torch.compiler.reset()
            self.update = self.compiled_update()

    def eager_update(self, index):
        x, y = self.inputs.index_select(0, index), self.targets.index_select(0, index)
        self.optimizer.zero_grad()
        loss = self.loss(self.model(x), y)
        loss.backward()
        self.optimizer.step()
        return loss

    def compiled_update(self):
        state = {name: p.detach().clone() for name, p in self.model.named_parameters()}
        velocity = {name: torch.zeros_like(p) for name, p in state.items()}

        def loss(state, x, y):
            return self.loss(torch.func.functional_call(self.model, state, x), y)

        @torch.compile(dynamic=False)
        def update(state, velocity, inputs, targets, index):
            x, y = inputs.index_select(0, index), targets.index_select(0, index)
            gradients, value = torch.func.grad_and_value(loss)(state, x, y)
            for name, gradient in gradients.items():
                velocity[name].mul_(workloads.MOMENTUM).add_(gradient)
                state[name].sub_(velocity[name], alpha=workloads.LEARNING_RATE)
            return value

        def call(index):
            with torch.no_grad():
                return update(state, velocity, self.inputs, self.targets, index)

        return call

    def next_index(self):
        index = self.order[self.position:self.position + self.batch]
        self.position = (self.position + self.batch) % workloads.EXAMPLES
        return index

    def run(self, updates):
        for _ in range(updates):
            self.update(self.next_index())

    def losses(self, updates):
        return [self.update(self.next_index()).item() for _ in range(updates)]


def squared_error(prediction, targets):
    return F.mse_loss(prediction.squeeze(1), targets)


class ChannelsLastFlatten(nn.Module):
    def forward(self, x):
        return x.permute(0, 2, 3, 1).flatten(1)


def model(workload):
    modules, channels = [], workload.shape[-1]
    for filters in workload.convolutions:
        modules += [nn.Conv2d(channels, filters, 3, padding="same"), nn.ReLU(), nn.MaxPool2d(2)]
        channels = filters
    if workload.convolutions:
        modules.append(ChannelsLastFlatten())
    width = workload.weight_shapes[len(workload.convolutions)][1]
    for position, units in enumerate(workload.dense):
        modules += [nn.ReLU()] if position else []
        modules.append(nn.Linear(width, units))
        width = units

    layers = [m for m in modules if isinstance(m, (nn.Conv2d, nn.Linear))]
    with torch.no_grad():
        for module, (weight, bias) in zip(layers, workloads.parameters(workload), strict=True):
            module.weight.copy_(torch.from_numpy(weight))
            module.bias.copy_(torch.from_numpy(bias))
    return nn.Sequential(*modules).to(memory_format=torch.channels_last)
