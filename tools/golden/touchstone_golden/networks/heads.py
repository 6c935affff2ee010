"""From maps to logits: the order of flattening, and heads on which CAM is defined."""

import torch
from torch import nn

from .entry import Entry, seeded, zoo_preprocess


class Gap(nn.Module):
    """features → global average pool → linear: the head of CAM"""

    def __init__(self, classes=10):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 12, 3, 1, 1),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(2, 2),
            nn.Conv2d(12, 16, 3, 1, 1),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(2, 2),
            nn.Conv2d(16, 24, 3, 1, 1),
            nn.ReLU(inplace=True),
        )
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(24, classes)

    def forward(self, x):
        x = self.pool(self.features(x))
        return self.fc(torch.flatten(x, 1))


def _negative():
    """Class 0 has only negative weights, so its raw map is negative wherever a unit is on."""
    net = seeded(42, Gap())
    with torch.no_grad():
        net.fc.weight[0] = -net.fc.weight[0].abs()
    return net


def _flatten():
    return seeded(
        43,
        nn.Sequential(
            nn.Conv2d(3, 10, 3, 2, 1),
            nn.ReLU(),
            nn.Conv2d(10, 16, 3, 2, 1),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(16 * 5 * 8, 20),
            nn.ReLU(),
            nn.Linear(20, 10),
        ),
    )


def _bias_free():
    return seeded(
        44,
        nn.Sequential(
            nn.Conv2d(3, 12, 3, 1, 1, bias=False),
            nn.ReLU(),
            nn.MaxPool2d(2, 2),
            nn.Conv2d(12, 16, 3, 1, 1, bias=False),
            nn.ReLU(),
            nn.MaxPool2d(2, 2),
            nn.Flatten(),
            nn.Linear(16 * 64, 10, bias=False),
        ),
    )


_SMALL = (3, 32, 32)

ENTRIES = [
    Entry(
        "head-gap",
        "global average pool and linear: CAM is defined, and Grad-CAM times the map's size equals it",
        _SMALL,
        lambda: seeded(41, Gap()),
        preprocess=zoo_preprocess(_SMALL),
    ),
    Entry(
        "cam-negative",
        "every weight of class 0 is negative: the map before ReLU has no positive value, after it all is zero, "
        "never NaN",
        _SMALL,
        _negative,
    ),
    Entry(
        "head-flatten",
        "a flattened map that is not square (5×8): the order of channels, rows and columns before a linear layer",
        (3, 20, 32),
        _flatten,
    ),
    Entry(
        "bias-free",
        "no bias anywhere: input times gradient sums to the logit, "
        "and scaling the image does not change the gradient",
        _SMALL,
        _bias_free,
    ),
]
