"""Writes the two files of the job: model.pt, a small convolutional network in TorchScript, and
model.safetensors, the values its parameters start from. Prints what job.yaml says of it."""
import json
import struct
import zipfile

import torch
from torch import nn


class Cnn(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, 5, padding=2)
        self.conv2 = nn.Conv2d(8, 24, 5, padding=2)
        self.conv3 = nn.Conv2d(24, 32, 3, padding=1)
        self.fc = nn.Linear(32 * 3 * 3, 10)

    def forward(self, x):
        x = torch.max_pool2d(torch.relu(self.conv1(x)), 2)
        x = torch.max_pool2d(torch.relu(self.conv2(x)), 2)
        x = torch.max_pool2d(torch.relu(self.conv3(x)), 2)
        return self.fc(x.flatten(1))


def save_module(model, path):
    """In TorchScript, without the notes of where on this machine its source lies."""
    torch.jit.script(model).save(path)
    with zipfile.ZipFile(path) as archive:
        entries = [(name, archive.read(name)) for name in archive.namelist()]
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in entries:
            if not name.endswith(".debug_pkl"):
                archive.writestr(zipfile.ZipInfo(name), content)


def save_safetensors(tensors, path):
    """What safetensors.torch.save_file writes, for where that package is not installed."""
    header, data = {}, b""
    for name, tensor in tensors.items():
        raw = tensor.detach().numpy().astype("<f4").tobytes()
        header[name] = {
            "dtype": "F32",
            "shape": list(tensor.shape),
            "data_offsets": [len(data), len(data) + len(raw)],
        }
        data += raw
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


def flops(model, sample):
    """Products and sums of a forward and a backward pass: each layer's products twice forward,
    twice for its weights' gradient and, but for the first layer, twice for its input's."""
    products = []

    def count(layer, inputs, output):
        fan_in = layer.weight[0].numel()
        products.append(fan_in * output[0].numel())

    for layer in model.children():
        layer.register_forward_hook(count)
    model(sample)
    return 2 * (3 * sum(products) - products[0])


torch.manual_seed(7)
model = Cnn()
save_module(model, "model.pt")
save_safetensors(dict(model.named_parameters()), "model.safetensors")
print("flopsPerSample:", flops(model, torch.zeros(1, 1, 28, 28)))
