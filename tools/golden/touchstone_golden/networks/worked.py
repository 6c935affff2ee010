"""The networks of the worked examples of hooks."""

import torch
from torch import nn

from .entry import Entry, seeded, zoo_preprocess


class AlexNet(nn.Module):
    """torchvision's AlexNet with an eighth of its maps, and a small classifier."""

    def __init__(self, classes=10):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 8, 11, stride=4, padding=2),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(3, 2),
            nn.Conv2d(8, 24, 5, padding=2),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(3, 2),
            nn.Conv2d(24, 48, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(48, 32, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(32, 32, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(3, 2),
        )
        self.avgpool = nn.AdaptiveAvgPool2d((6, 6))
        self.classifier = nn.Sequential(
            nn.Dropout(),
            nn.Linear(32 * 36, 64),
            nn.ReLU(inplace=True),
            nn.Dropout(),
            nn.Linear(64, 64),
            nn.ReLU(inplace=True),
            nn.Linear(64, classes),
        )

    def forward(self, x):
        x = self.avgpool(self.features(x))
        return self.classifier(torch.flatten(x, 1))


def _conv_pool():
    """A filter of ones and one of twos."""
    net = nn.Sequential(nn.Conv2d(1, 2, 3, bias=False), nn.MaxPool2d(2), nn.Flatten())
    with torch.no_grad():
        net[0].weight.copy_(torch.tensor([1.0, 2.0])[:, None, None, None].expand(2, 1, 3, 3))
    return net


ALEXNET_SHAPE = (3, 96, 96)

ENTRIES = [
    Entry(
        "alexnet-narrow",
        "all kernels and feature maps of an AlexNet in one pass: a map that a later in-place ReLU changed shows",
        ALEXNET_SHAPE,
        lambda: seeded(71, AlexNet()),
        preprocess=zoo_preprocess(ALEXNET_SHAPE),
    ),
    Entry(
        "worked-conv-pool",
        "over ones its convolution gives 9 and 18 everywhere, so every pool window ties: "
        "the gradient goes to the first element only",
        (1, 4, 4),
        _conv_pool,
    ),
]
