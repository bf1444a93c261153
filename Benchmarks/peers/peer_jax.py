"""The workloads in JAX, float32.

Modes:
    jit   one compiled call an update; the state is donated
    scan  one compiled call for 16 updates (lax.scan), which hides the cost of the call; not for convolutions,
          which XLA runs about ten times slower inside a loop
"""

import jax
import jax.numpy as jnp

import workloads

VERSION = jax.__version__
SCANNED = 16


def matrix_product(size):
    a, b = (jax.random.normal(jax.random.key(seed), (size, size)) for seed in (0, 1))
    product = jax.jit(jnp.matmul)
    return lambda: product(a, b).block_until_ready()


class Peer:
    def __init__(self, workload, batch, mode, parameters):
        self.data = jax.device_put((*workloads.dataset(workload), workloads.order(batch)))
        state = [layout(value) for _, value in parameters]
        zeros = [0 * value for value in state]
        self.state = jax.device_put((state, zeros, jnp.int32(0)))
        self.block = SCANNED if mode == "scan" else 1
        self.update = compiled(workload, batch, self.block)

    def run(self, updates):
        for _ in range(max(1, updates // self.block)):
            self.state, _ = self.update(self.state, self.data)
        jax.block_until_ready(self.state)

    def losses(self, updates):
        values = []
        while len(values) < updates:
            self.state, losses = self.update(self.state, self.data)
            values += losses.reshape(-1).tolist()
        return values[:updates]


def layout(value):
    return value.transpose(2, 3, 1, 0) if value.ndim == 4 else value.T if value.ndim == 2 else value


def compiled(workload, batch, block):
    def loss(layers, x, y):
        prediction = forward(workload, layers, x)
        if workload.loss == "mse":
            return jnp.mean((prediction[:, 0] - y) ** 2)
        if workload.loss == "bce":
            return jnp.mean(jax.nn.softplus(prediction[:, 0]) - y * prediction[:, 0])
        logits = jax.nn.log_softmax(prediction)
        return -jnp.mean(jnp.take_along_axis(logits, y[:, None], axis=1))

    def update(state, data):
        layers, velocity, position = state
        inputs, targets, order = data
        index = jax.lax.dynamic_slice(order, (position,), (batch,))
        value, gradients = jax.value_and_grad(loss)(layers, inputs[index], targets[index])
        velocity = jax.tree.map(lambda v, g: workloads.MOMENTUM * v + g, velocity, gradients)
        layers = jax.tree.map(lambda p, v: p - workloads.LEARNING_RATE * v, layers, velocity)
        return (layers, velocity, (position + batch) % workloads.EXAMPLES), value

    if block == 1:
        return jax.jit(update, donate_argnums=0)

    def updates(state, data):
        return jax.lax.scan(lambda s, _: update(s, data), state, length=block)

    return jax.jit(updates, donate_argnums=0)


def convolution(x, weight, stride=1):
    padding = ((1, 1), (1, 1))
    return jax.lax.conv_general_dilated(x, weight, (stride, stride), padding, dimension_numbers=("NHWC", "HWIO", "NHWC"))


def normalised(x, gain, shift):
    mean, variance = x.mean((0, 1, 2)), x.var((0, 1, 2))
    return (x - mean) * jax.lax.rsqrt(variance + 1e-5) * gain + shift


def residual_net(workload, parameters, x):
    rest = iter(parameters)
    for stage in range(len(workload.stages)):
        x = jax.nn.relu(normalised(convolution(x, next(rest), 1 if stage == 0 else 2), next(rest), next(rest)))
        branch = jax.nn.relu(normalised(convolution(x, next(rest)), next(rest), next(rest)))
        x = jax.nn.relu(x + normalised(convolution(branch, next(rest)), next(rest), next(rest)))
    return x.mean((1, 2)) @ next(rest) + next(rest)


def forward(workload, parameters, x):
    if workload.stages:
        return residual_net(workload, parameters, x)
    layers = list(zip(parameters[::2], parameters[1::2]))
    convolutions = len(workload.convolutions)
    for weight, bias in layers[:convolutions]:
        x = jax.nn.relu(convolution(x, weight) + bias)
        rows, height, width, channels = x.shape
        x = x.reshape(rows, height // 2, 2, width // 2, 2, channels).max(axis=(2, 4))
    x = x.reshape(x.shape[0], -1)
    for position, (weight, bias) in enumerate(layers[convolutions:]):
        x = jax.nn.relu(x) if position else x
        x = x @ weight + bias
    return x
