"""Writes start.safetensors, the state dict of a small net as PyTorch's safetensors.torch.save_file writes it, and
start.json with inputs and the outputs that NumPy computes of them by the formulas of PyTorch's documentation.

Usage: python make-start.py

The net, for images of 6 x 6 x 2 (height, width, channels in start.json; channels first in the net):

    nn.Sequential(nn.Conv2d(2, 3, 3), nn.BatchNorm2d(3), nn.ReLU(), nn.Flatten(), nn.Linear(48, 5), nn.ReLU(),
                  nn.Linear(5, 3))
"""

import json
import pathlib
import struct

import numpy as np

random = np.random.default_rng(11)


def numbers(*shape, scale=0.5):
    return (random.standard_normal(shape) * scale).astype(np.float32)


state = {
    "0.weight": numbers(3, 2, 3, 3),
    "0.bias": numbers(3),
    "1.weight": 1 + numbers(3, scale=0.1),
    "1.bias": numbers(3),
    "1.running_mean": numbers(3),
    "1.running_var": np.abs(numbers(3)) + np.float32(0.5),
    "1.num_batches_tracked": np.array(77, dtype=np.int64),
    "4.weight": numbers(5, 48),
    "4.bias": numbers(5),
    "6.weight": numbers(3, 5),
    "6.bias": numbers(3),
}


def forward(images):
    """The net in evaluation mode, in float64."""
    w = {name: value.astype(np.float64) for name, value in state.items()}
    x = images.astype(np.float64).transpose(0, 3, 1, 2)
    conv = np.zeros((len(x), 3, 4, 4))
    for row in range(4):
        for column in range(4):
            patch = x[:, :, row:row + 3, column:column + 3]
            conv[:, :, row, column] = np.einsum("nchw,ochw->no", patch, w["0.weight"]) + w["0.bias"]

    def channels(name):
        return w[name][None, :, None, None]

    norm = (conv - channels("1.running_mean")) / np.sqrt(channels("1.running_var") + 1e-5)
    norm = norm * channels("1.weight") + channels("1.bias")
    flat = np.maximum(norm, 0).reshape(len(x), -1)
    hidden = np.maximum(flat @ w["4.weight"].T + w["4.bias"], 0)
    return hidden @ w["6.weight"].T + w["6.bias"]


# the header of the format: tensors in the order of falling alignment and rising name, offsets into what follows
header, data = {}, b""
for name in sorted(state, key=lambda name: (-state[name].dtype.itemsize, name)):
    kind = {"float32": "F32", "int64": "I64"}[str(state[name].dtype)]
    begin, data = len(data), data + state[name].tobytes()
    header[name] = {"dtype": kind, "shape": list(state[name].shape), "data_offsets": [begin, len(data)]}
text = json.dumps(header, separators=(",", ":")).encode()
text += b" " * (-len(text) % 8)
folder = pathlib.Path(__file__).parent
(folder / "start.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + data)
images = numbers(4, 6, 6, 2, scale=1)
outputs = forward(images)
(folder / "start.json").write_text(
    json.dumps({"inputs": images.ravel().tolist(), "outputs": outputs.ravel().tolist()}) + "\n")
