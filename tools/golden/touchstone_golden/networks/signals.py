"""Inputs that are no images: a signal, and a pair of images."""

import torch
import torch.nn.functional as F
from torch import nn

from .entry import Entry, drawn


class Signal(nn.Module):
    """A 1-D network on a signal [N,2,64], as an electrocardiogram's"""

    def __init__(self, classes=5):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv1d(2, 8, 7, 2, 3),
            nn.BatchNorm1d(8),
            nn.ReLU(inplace=True),
            nn.MaxPool1d(3, 2, 1),
            nn.Conv1d(8, 12, 5, 1, 2, groups=2, bias=False),
            nn.InstanceNorm1d(12),
            nn.LeakyReLU(),
            nn.AvgPool1d(2),
            nn.ConvTranspose1d(12, 8, 4, 2, 1),
            nn.ReLU(),
        )
        self.pool = nn.AdaptiveAvgPool1d(1)
        self.fc = nn.Linear(8, classes)

    def forward(self, x):
        return self.fc(self.pool(self.features(x)).squeeze(-1))


class Siamese(nn.Module):
    """Two images, one backbone: the distances of their features"""

    def __init__(self):
        super().__init__()
        self.backbone = nn.Sequential(
            nn.Conv2d(3, 8, 3, 2, 1), nn.ReLU(), nn.Conv2d(8, 12, 3, 2, 1), nn.ReLU(), nn.AdaptiveAvgPool2d(2)
        )
        self.embed = nn.Linear(48, 8)
        self.score = nn.Linear(8, 2)

    def forward(self, a, b):
        a, b = (F.normalize(self.embed(torch.flatten(self.backbone(each), 1)), dim=1) for each in (a, b))
        return self.score(torch.abs(a - b))


ENTRIES = [
    Entry(
        "signal",
        "one dimension: Conv1d, its transpose, poolings and norms, on a signal given as an image of height 1",
        (2, 1, 64),
        lambda: drawn(341, Signal()),
        seed=341,
        example=lambda generator: torch.randn(2, 2, 64, generator=generator),
    ),
    Entry(
        "siamese",
        "a pair of images, given as six channels, through one backbone that is called twice; cosine of their features",
        (6, 24, 32),
        lambda: drawn(342, Siamese()),
        seed=342,
        example=lambda generator: tuple(torch.randn(2, 3, 24, 32, generator=generator) for _ in range(2)),
    ),
]
