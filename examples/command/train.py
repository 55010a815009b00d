"""Trains a small network to tell two spirals apart, in plain Python.

Each instance of the job starts from other weights (SHARDEX_SHARD is its seed) and writes what it
found to $SHARDEX_OUT/model.json; the builder takes the best.
"""
import json
import math
import os
import random

HIDDEN = 16
STEPS = 2000
RATE = 0.05

shard = int(os.environ["SHARDEX_SHARD"])
chance = random.Random(shard)


def spirals(count):
    """Points (x, y) and which of the two arms they lie on."""
    points = []
    for i in range(count):
        turn = 0.5 + 2.0 * i / count
        for arm in (0, 1):
            angle = 2.0 * turn + math.pi * arm
            points.append((turn * math.cos(angle), turn * math.sin(angle), arm))
    return points


class Network:
    """2 inputs, HIDDEN units of tanh, one output through the logistic function."""

    def __init__(self):
        self.inner = [[chance.gauss(0, 1.0) for _ in range(3)] for _ in range(HIDDEN)]
        self.outer = [chance.gauss(0, 0.5) for _ in range(HIDDEN + 1)]

    def forward(self, x, y):
        hidden = [math.tanh(a * x + b * y + c) for a, b, c in self.inner]
        total = sum(w * h for w, h in zip(self.outer, hidden)) + self.outer[HIDDEN]
        return hidden, 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, total))))

    def learn(self, x, y, arm):
        hidden, guess = self.forward(x, y)
        error = guess - arm
        for i, h in enumerate(hidden):
            back = error * self.outer[i] * (1.0 - h * h)
            self.outer[i] -= RATE * error * h
            self.inner[i][0] -= RATE * back * x
            self.inner[i][1] -= RATE * back * y
            self.inner[i][2] -= RATE * back
        self.outer[HIDDEN] -= RATE * error
        return -math.log(max(1e-12, guess if arm else 1.0 - guess))


network = Network()
points = spirals(100)
for step in range(1, STEPS + 1):
    chance.shuffle(points)
    loss = sum(network.learn(*point) for point in points) / len(points)
    if step % 500 == 0:
        print(f"shard {shard} step {step} loss {loss:.4f}", flush=True)

right = sum((network.forward(x, y)[1] > 0.5) == (arm == 1) for x, y, arm in points)
accuracy = right / len(points)
print(f"shard {shard} accuracy {accuracy:.4f}")
with open(os.path.join(os.environ["SHARDEX_OUT"], "model.json"), "w") as out:
    json.dump({"accuracy": accuracy, "inner": network.inner, "outer": network.outer}, out)
