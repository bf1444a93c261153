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
    def __init__(self, workload, batch, mode, parameters):
        inputs, targets = workloads.dataset(workload)
        self.inputs, self.targets = torch.from_numpy(inputs), torch.from_numpy(targets)
        if workload.loss == "softmax":
            self.targets = self.targets.long()
        if workload.has_images:
            self.inputs = self.inputs.permute(0, 3, 1, 2).to(memory_format=torch.channels_last)
        self.order = torch.from_numpy(workloads.order(batch))
        self.batch, self.position = batch, 0
        self.loss = LOSSES[workload.loss]
        self.model = model(workload)
        self.load(parameters)
        if mode == "eager":
            self.optimizer = torch.optim.SGD(
                self.model.parameters(), lr=workloads.LEARNING_RATE, momentum=workloads.MOMENTUM, fused=True)
            self.update = self.eager_update
        else:
            torch.compiler.reset()
            self.update = self.compiled_update()

    def load(self, parameters):
        with torch.no_grad():
            for mine, (_, value) in zip(self.model.parameters(), parameters, strict=True):
                mine.copy_(torch.from_numpy(value.copy()))

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


def binary_cross_entropy(prediction, targets):
    return F.binary_cross_entropy_with_logits(prediction.squeeze(1), targets.float())


LOSSES = {"mse": squared_error, "bce": binary_cross_entropy, "softmax": F.cross_entropy}


class ChannelsLastFlatten(nn.Module):
    def forward(self, x):
        return x.permute(0, 2, 3, 1).flatten(1)


class Residual(nn.Sequential):
    def forward(self, x):
        return x + super().forward(x)


def convolution(before, after, stride=1):
    # without running statistics: nothing reads them here
    return [nn.Conv2d(before, after, 3, stride, 1, bias=False), nn.BatchNorm2d(after, track_running_stats=False)]


def residual_net(workload):
    modules, channels = [], workload.shape[-1]
    for stage, filters in enumerate(workload.stages):
        modules += convolution(channels, filters, 1 if stage == 0 else 2) + [nn.ReLU()]
        branch = convolution(filters, filters) + [nn.ReLU()] + convolution(filters, filters)
        modules += [Residual(*branch), nn.ReLU()]
        channels = filters
    return modules + [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, workload.dense[0])]


def plain_net(workload):
    modules, (height, width, channels) = [], workload.shape if workload.convolutions else (1, 1, workload.features)
    for filters in workload.convolutions:
        modules += [nn.Conv2d(channels, filters, 3, padding="same"), nn.ReLU(), nn.MaxPool2d(2)]
        height, width, channels = height // 2, width // 2, filters
    if workload.convolutions:
        modules.append(ChannelsLastFlatten())
    before = height * width * channels
    for position, units in enumerate(workload.dense):
        modules += [nn.ReLU()] if position else []
        modules.append(nn.Linear(before, units))
        before = units
    return modules


def model(workload):
    modules = residual_net(workload) if workload.stages else plain_net(workload)
    return nn.Sequential(*modules).to(memory_format=torch.channels_last)
