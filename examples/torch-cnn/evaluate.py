"""Tells how often the module with these parameters is right on MNIST's 10,000 test images:
evaluate.py FILE.safetensors FOLDER_WITH_THE_IDX_FILES"""
import json
import struct
import sys

import numpy
import torch


def load_safetensors(path):
    """What safetensors.torch.load_file reads, for where that package is not installed."""
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = bytearray(file.read())
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        values = torch.frombuffer(data[begin:end], dtype=torch.float32)
        tensors[name] = values.reshape(entry["shape"])
    return tensors


def idx(path, header):
    with open(path, "rb") as file:
        return numpy.frombuffer(file.read()[header:], dtype=numpy.uint8)


parameters, folder = sys.argv[1:]
images = idx(folder + "/t10k-images-idx3-ubyte", 16).reshape(-1, 1, 28, 28)
labels = torch.from_numpy(idx(folder + "/t10k-labels-idx1-ubyte", 8).copy()).long()
inputs = (torch.from_numpy(images.astype("float32")) / 255 - 0.1307) / 0.3081

module = torch.jit.load("model.pt")
missing, unexpected = module.load_state_dict(load_safetensors(parameters), strict=False)
assert not missing and not unexpected, (missing, unexpected)
module.eval()
with torch.no_grad():
    right = sum(
        (module(inputs[at : at + 1000]).argmax(1) == labels[at : at + 1000]).sum().item()
        for at in range(0, len(labels), 1000)
    )
print(f"{right} of {len(labels)} are right: {100 * right / len(labels):.2f} %")
