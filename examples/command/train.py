"""Trains a small network to tell two spirals apart, in plain Python.

Each instance of the job starts from other weights (SHARDEX_SHARD is its seed) and writes what it
found to $SHARDEX_OUT/model.json; the builder takes the best. How far it is it keeps in
$SHARDEX_CHECKPOINT, so that another worker can go on if this one is lost.
"""
import json
import math
import os
import random

HIDDEN = 16
STEPS = 20000
RATE = 0.05

shard = int(os.environ["SHARDEX_SHARD"])
state = os.path.join(os.environ["SHARDEX_CHECKPOINT"], "state.json")
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


def save(step):
    """Under another name first: what is half written may be saved half written."""
    with open(state + ".new", "w") as out:
        json.dump({"step": step, "inner": network.inner, "outer": network.outer}, out)
    os.rename(state + ".new", state)


network = Network()
points = spirals(100)
begun = 0
if os.path.exists(state):
    with open(state) as saved:
        before = json.load(saved)
    begun, network.inner, network.outer = before["step"], before["inner"], before["outer"]
    print(f"shard {shard} goes on after step {begun}", flush=True)

for step in range(begun + 1, STEPS + 1):
    # Its order follows from the step alone, so whoever goes on comes to the same.
    order = random.Random(shard * STEPS + step).sample(points, len(points))
    loss = sum(network.learn(*point) for point in order) / len(points)
    if step % 100 == 0:
        save(step)
    if step % 5000 == 0:
        print(f"shard {shard} step {step} loss {loss:.4f}", flush=True)

right = sum((network.forward(x, y)[1] > 0.5) == (arm == 1) for x, y, arm in points)
accuracy = right / len(points)
print(f"shard {shard} accuracy {accuracy:.4f}")
with open(os.path.join(os.environ["SHARDEX_OUT"], "model.json"), "w") as out:
    json.dump({"accuracy": accuracy, "inner": network.inner, "outer": network.outer}, out)
