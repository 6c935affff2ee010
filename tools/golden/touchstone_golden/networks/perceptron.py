"""A perceptron with one hidden layer, trained to separate a disc from its surroundings: each hidden unit is a line in
the plane.
"""

from collections import OrderedDict

import torch
from torch import nn

from ..toy import disc, disc_labels
from .entry import Entry

_STEPS = 1500


def _perceptron():
    return nn.Sequential(OrderedDict(flat=nn.Flatten(), hidden=nn.Linear(2, 10), relu=nn.ReLU(), head=nn.Linear(10, 2)))


def train(net, seed):
    """Trains `net` in place on the whole set, all points at a time. The same bits each time on one machine with one
    thread.
    """
    points = disc()
    labels = disc_labels(points)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in net.parameters():
            weight.copy_(torch.randn(weight.shape, generator=generator))
    optimiser = torch.optim.Adam(net.parameters(), lr=1e-2)
    for _ in range(_STEPS):
        optimiser.zero_grad()
        nn.functional.cross_entropy(net(points), labels).backward()
        optimiser.step()
    return net.eval()


ENTRIES = [
    Entry(
        "perceptron",
        "its input is a point of the plane, so its hidden units can be drawn: "
        "as lines over the data and the region of each class",
        (2, 1, 1),
        build=lambda: train(_perceptron(), 3),
        classes=["outside", "inside"],
    ),
]
