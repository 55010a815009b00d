"""Makes the modules of this folder and what PyTorch itself trains of one of them.

Run by a Python with PyTorch (1.13 or later), in this folder: python3 make.py
"""

import struct
import zipfile

import torch
from torch import nn

MAIN = "../../../../../../../main/resources/io/shardex/worker/runtime/torch/"
SIDE, CLASSES, SAMPLES, STEPS = 6, 3, 12, 5


class Toy(nn.Module):
    """A small network with a convolution, as builders have."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 2, 3)
        self.head = nn.Linear(2 * 4 * 4, CLASSES)

    def forward(self, x):
        return self.head(torch.relu(self.conv(x)).flatten(1))


class Linear(nn.Module):
    """What the bad modules below have in common."""

    def __init__(self):
        super().__init__()
        self.head = nn.Linear(SIDE * SIDE, CLASSES)


class TwoOutputs(Linear):
    def forward(self, x):
        y = self.head(x.flatten(1))
        return y, y


class TooWide(Linear):
    def forward(self, x):
        y = self.head(x.flatten(1))
        return torch.cat([y, y], 1)


class Raises(Linear):
    def forward(self, x):
        y = self.head(x.flatten(1))
        if bool((y == y).all()):
            raise RuntimeError("not today")
        return y


class Endless(Linear):
    def forward(self, x):
        y = self.head(x.flatten(1))
        i = 0
        while i < 10:
            y = torch.sin(y.detach())  # no graph, which would grow without end
            i = i * 2
        return y


class Hog(Linear):
    def forward(self, x):
        y = self.head(x.flatten(1))
        parts = [torch.ones(1, 1)]
        for i in range(4000):
            parts.append(torch.ones(1024, 1024) * float(i))
        return y + parts[-1][0, 0]


class Prints(Linear):
    def forward(self, x):
        for i in range(20000):
            print("a line of a module that babbles without end", i)
        return self.head(x.flatten(1))


class NotANumber(Linear):
    def forward(self, x):
        return self.head(x.flatten(1)) / 0.0


class Writes(Linear):
    def forward(self, x):
        y = self.head(x.flatten(1))
        torch.ops.aten.save(y, "written-by-a-module")
        return y


class Reads(Linear):
    def forward(self, x):
        y = self.head(x.flatten(1))
        return y + torch.from_file("/etc/hostname", False, 1).sum()


class Drops(nn.Module):
    """Draws at random in training, and has a parameter that forward does not use."""

    def __init__(self):
        super().__init__()
        self.head = nn.Linear(SIDE * SIDE, CLASSES)
        self.spare = nn.Parameter(torch.zeros(3))
        self.drop = nn.Dropout(0.5)

    def forward(self, x):
        return self.head(self.drop(x.flatten(1)))


class Draws(Linear):
    """Draws when it is first run, and keeps that."""

    def __init__(self):
        super().__init__()
        self.register_buffer("noise", torch.zeros(0))

    def forward(self, x):
        if self.noise.numel() == 0:
            self.noise = torch.rand_like(x[:1].flatten(1))
        return self.head(x.flatten(1) + self.noise)


class Stale(nn.Module):
    """Convolutions whose channels fill no block of libtorch's, after memory with NaN was freed."""

    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(1, 5, 5, padding=2)
        self.b = nn.Conv2d(5, 7, 5, padding=2)
        self.head = nn.Linear(7, CLASSES)

    def forward(self, x):
        between = [torch.zeros(1)]  # or what is freed would be joined and given back
        found = torch.zeros(1)  # or the compiler would leave out what nobody looks at
        for i in range(400):
            found = found + torch.isnan(torch.full([16 + 49 * i], float("nan"))).sum()
            between.append(torch.zeros(64))
        y = self.head(torch.relu(self.b(torch.relu(self.a(x)))).mean([2, 3]))
        return y + 0 * (found + between[-1][0])


class Text(nn.Module):
    """Answers for each token of a window."""

    def __init__(self):
        super().__init__()
        self.tokens = nn.Embedding(8, 4)
        self.head = nn.Linear(4, 8)

    def forward(self, x):
        return self.head(torch.tanh(self.tokens(x.long())))


class Canary(nn.Module):
    """A convolution and a block of attention; the agent tries with it whether training repeats."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 8, 3, padding=1)
        self.rows = nn.Linear(128, 64)
        self.norm = nn.LayerNorm(64)
        self.asks = nn.Linear(64, 192)
        self.head = nn.Linear(64, 4)

    def forward(self, x):
        maps = torch.relu(self.conv(x))
        rows = self.rows(maps.transpose(1, 2).flatten(2))
        asked = self.asks(self.norm(rows)).reshape(-1, 16, 3, 4, 16).permute(2, 0, 3, 1, 4)
        scores = torch.matmul(asked[0], asked[1].transpose(2, 3)) / 4.0
        mixed = torch.matmul(torch.softmax(scores, -1), asked[2]).transpose(1, 2).reshape(-1, 16, 64)
        return self.head((rows + mixed).mean(1))


def save(scripted, file):
    """Packed, and without its notes for debuggers, which name this machine's folders."""
    scripted.save(file)
    with zipfile.ZipFile(file) as whole:
        entries = [(e.filename, whole.read(e)) for e in whole.infolist() if "debug_pkl" not in e.filename]
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in entries:
            packed.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)


def empty(module):
    """Its parameters come from elsewhere, so zeros stand for them, which pack well."""
    for parameter in module.parameters():
        parameter.data.zero_()
    return module


def floats(file, module):
    flat = torch.cat([p.detach().flatten() for p in module.parameters()]).tolist()
    with open(file, "wb") as out:
        out.write(struct.pack("<%df" % len(flat), *flat))


def samples():
    """The same as in TorchTrainerTest."""
    x = torch.tensor([[(i * 37 + j * 11 + i * j) % 256 for j in range(SIDE * SIDE)] for i in range(SAMPLES)])
    y = torch.tensor([i * 5 % CLASSES for i in range(SAMPLES)])
    return ((x.float() / 255 - 0.1307) / 0.3081).reshape(SAMPLES, 1, SIDE, SIDE), y


def train(module, optimizer):
    x, y = samples()
    for _ in range(STEPS):
        optimizer.zero_grad()
        nn.functional.cross_entropy(module(x), y).backward()
        optimizer.step()


def main():
    torch.manual_seed(1)
    start = Toy()
    save(torch.jit.script(start), "toy.pt")
    floats("toy.f32", start)
    for name, make in {
        "sgd": lambda p: torch.optim.SGD(p, 0.05, momentum=0.9),
        "adam": lambda p: torch.optim.Adam(p, 0.01),
    }.items():
        module = Toy()
        module.load_state_dict(start.state_dict())
        train(module, make(module.parameters()))
        floats("toy-%s.f32" % name, module)
    frozen = Toy()
    frozen.load_state_dict(start.state_dict())
    frozen.conv.weight.requires_grad_(False)
    train(frozen, torch.optim.SGD(list(frozen.parameters())[1:], 0.05, momentum=0.9))
    floats("toy-frozen.f32", frozen)
    save(torch.jit.trace(start, samples()[0]), "traced.pt")
    for kind in [TwoOutputs, TooWide, Raises, Endless, Hog, Prints, NotANumber, Writes, Reads, Drops]:
        save(torch.jit.script(kind()), kind.__name__.lower() + ".pt")
    save(torch.jit.script(empty(Draws())), "draws.pt")
    text = Text()
    save(torch.jit.script(text), "text.pt")
    floats("text.f32", text)
    said = torch.tensor([(i * i * 7 + 3 * i) % 8 for i in range(25)])
    descent = torch.optim.SGD(text.parameters(), 0.5)
    for _ in range(STEPS):
        descent.zero_grad()
        nn.functional.cross_entropy(text(said[:24].reshape(4, 6)).flatten(0, 1), said[1:]).backward()
        descent.step()
    floats("text-sgd.f32", text)
    save(torch.jit.script(Stale()), "stale.pt")
    save(torch.jit.script(empty(Canary())), MAIN + "canary.pt")


main()
