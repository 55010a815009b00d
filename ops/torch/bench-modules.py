"""Makes the modules that 'shardex bench worker --only kernels' trains by libtorch, as PyTorch has
the models of the reference arithmetic. Their parameters come from the bench; zeros stand for them.

Run by a Python with PyTorch (1.13 or later): python3 bench-modules.py ../src/main/resources/io/shardex/ops/bench
"""

import sys
import zipfile

import torch
from torch import nn

VOCABULARY, WINDOW, WIDTH, BLOCKS = 128, 64, 64, 2


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1 = nn.LayerNorm(WIDTH)
        self.asks = nn.Linear(WIDTH, 3 * WIDTH)
        self.mix = nn.Linear(WIDTH, WIDTH)
        self.norm2 = nn.LayerNorm(WIDTH)
        self.linear1 = nn.Linear(WIDTH, 4 * WIDTH)
        self.linear2 = nn.Linear(4 * WIDTH, WIDTH)

    def heads(self, x):
        return x.reshape(-1, 64, 4, 16).transpose(1, 2)

    def forward(self, x, mask):
        q, k, v = torch.chunk(self.asks(self.norm1(x)), 3, -1)
        scores = torch.matmul(self.heads(q), self.heads(k).transpose(2, 3)) / 4.0
        mixed = torch.matmul(torch.softmax(scores + mask, -1), self.heads(v))
        x = x + self.mix(mixed.transpose(1, 2).reshape(-1, 64, 64))
        return x + self.linear2(nn.functional.gelu(self.linear1(self.norm2(x)), approximate="tanh"))


class Transformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.tokens = nn.Embedding(VOCABULARY, WIDTH)
        self.positions = nn.Embedding(WINDOW, WIDTH)
        self.blocks = nn.ModuleList([Block() for _ in range(BLOCKS)])
        self.norm = nn.LayerNorm(WIDTH)
        self.head = nn.Linear(WIDTH, VOCABULARY)
        self.register_buffer("mask", torch.full((WINDOW, WINDOW), float("-inf")).triu(1))

    def forward(self, x):
        x = self.tokens(x.long()) + self.positions.weight
        for block in self.blocks:
            x = block(x, self.mask)
        return self.head(self.norm(x))


def save_empty(module, file):
    """Zeros pack well."""
    for parameter in module.parameters():
        parameter.data.zero_()
    torch.jit.script(module).save(file)
    with zipfile.ZipFile(file) as whole:
        entries = [(e.filename, whole.read(e)) for e in whole.infolist() if "debug_pkl" not in e.filename]
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in entries:
            packed.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    print(file, sum(p.numel() for p in module.parameters()))
    for name, p in module.named_parameters():
        print("   ", name, list(p.shape))


folder = sys.argv[1] + "/"
save_empty(nn.Sequential(nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10)), folder + "mlp.pt")
save_empty(
    nn.Sequential(
        nn.Conv2d(1, 16, 5, padding="same"),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 5, padding="same"),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(1568, 128),
        nn.ReLU(),
        nn.Linear(128, 10),
    ),
    folder + "cnn.pt",
)
save_empty(Transformer(), folder + "transformer.pt")
