"""Shapes and trees: odd sizes, one channel, batch norm, shared modules."""

import torch
import torch.nn.functional as F
from torch import nn

from .entry import Entry, seeded, zoo_preprocess


def _odd():
    return seeded(
        51,
        nn.Sequential(
            nn.ZeroPad2d((1, 2, 0, 3)),
            nn.Conv2d(3, 10, 3, 2),
            nn.ReLU(),
            nn.Conv2d(10, 16, (3, 5), (1, 2), (2, 1), dilation=(2, 1)),
            nn.ReLU(),
            nn.Conv2d(16, 16, 3, padding="same", dilation=2),
            nn.ReLU(),
            nn.MaxPool2d(2, 2),
            nn.Flatten(),
            nn.Linear(16 * 4 * 2, 10),
        ),
    )


def _one_channel():
    return seeded(
        52,
        nn.Sequential(
            nn.Conv2d(1, 8, 5, 1, 2),
            nn.ReLU(),
            nn.MaxPool2d(2, 2),
            nn.Conv2d(8, 1, 3, 1, 1),
            nn.ReLU(),
            nn.Conv2d(1, 12, 3, 2, 1),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(12, 10),
        ),
    )


def _batch_norm():
    return seeded(
        53,
        nn.Sequential(
            nn.BatchNorm2d(3, affine=False),
            nn.Conv2d(3, 12, 3, 2, 1, bias=False),
            nn.BatchNorm2d(12),
            nn.ReLU(),
            nn.Conv2d(12, 16, 3, 2, 1),
            nn.BatchNorm2d(16, eps=1e-2),
            nn.ReLU(),
            nn.BatchNorm2d(16),
            nn.AdaptiveAvgPool2d(2),
            nn.Flatten(),
            nn.Linear(64, 10),
        ),
    )


class Shared(nn.Module):
    """One block called twice, with two names; a ModuleList that is never called itself."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 12, 3, 2, 1)
        block = nn.Sequential(nn.Conv2d(12, 12, 3, 1, 1), nn.ReLU(inplace=True))
        self.blocks = nn.ModuleList([block, nn.Sequential(nn.Identity(), nn.Conv2d(12, 12, 3, 1, 1), nn.ReLU()), block])
        self.activation = block[1]
        self.fc = nn.Linear(12 * 4, 10)

    def forward(self, x):
        x = self.activation(self.stem(x))
        for block in self.blocks:
            x = block(x)
        return self.fc(torch.flatten(F.adaptive_avg_pool2d(x, 2), 1))


_GREY = (1, 28, 28)

ENTRIES = [
    Entry(
        "odd-sizes",
        "17×23 input, asymmetric zero padding, stride 2, dilation 2, rectangular kernels: swapped axes, "
        "SAME for explicit padding and lost borders show",
        (3, 17, 23),
        _odd,
    ),
    Entry(
        "one-channel",
        "a grey image, and a layer with a single map in the middle: means and maxima over channels become trivial, "
        "broadcasting goes wrong",
        _GREY,
        _one_channel,
        preprocess=zoo_preprocess(_GREY),
    ),
    Entry(
        "batch-norm",
        "batch norms with a history, without affine, with a large epsilon, before and after ReLU: "
        "statistics of the batch or a wrong epsilon show",
        (3, 32, 32),
        _batch_norm,
    ),
    Entry(
        "shared-block",
        "a block called twice under two names, its ReLU under a third: hooks and rules must see every call",
        (3, 32, 32),
        lambda: seeded(54, Shared()),
    ),
]
