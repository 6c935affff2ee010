"""Convolutional networks trained on scikit-learn's handwritten digits: 1×8×8, grey levels 0–16 as 0–1, a background
that is exactly 0.
"""

import numpy
import torch
from sklearn.datasets import load_digits
from torch import nn

from .entry import Entry

_EPOCHS = 30


def digits():
    """Images [1797,1,8,8] in 0–1, their classes, both in the order of the package."""
    data = load_digits()
    images = torch.from_numpy((data.images / 16).astype(numpy.float32))[:, None]
    return images, torch.from_numpy(data.target)


def test_part():
    """A mask of 360 digits, drawn from a fixed seed, that are never trained on."""
    order = torch.randperm(1797, generator=torch.Generator().manual_seed(0))
    held_out = torch.zeros(1797, dtype=torch.bool)
    held_out[order[::5]] = True
    return held_out


def _flat():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, 1, 1),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(2, 2),
        nn.Conv2d(16, 32, 3, 1, 1),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(2, 2),
        nn.Flatten(),
        nn.Linear(128, 10),
    )


def _gap():
    return nn.Sequential(
        nn.ZeroPad2d(2),
        nn.Conv2d(1, 24, 3, 1, 1),
        nn.ReLU(),
        nn.Conv2d(24, 24, 3, 1, 1),
        nn.ReLU(),
        nn.MaxPool2d(2, 2),
        nn.Conv2d(24, 48, 3, 1, 1),
        nn.ReLU(),
        nn.Conv2d(48, 48, 3, 1, 1),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(48, 10),
    )


def train(net, seed):
    """Trains `net` in place on all digits outside `test_part`. The same bits on the same machine with one thread."""
    images, classes = digits()
    images, classes = images[~test_part()], classes[~test_part()]
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in net.parameters():
            fan_in = weight[0].numel() if weight.dim() > 1 else 100
            weight.copy_((2 / fan_in) ** 0.5 * torch.randn(weight.shape, generator=generator))
    optimiser = torch.optim.Adam(net.parameters(), lr=3e-3, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, _EPOCHS)
    net.train()
    for _ in range(_EPOCHS):
        for batch in torch.randperm(len(images), generator=generator).split(64):
            optimiser.zero_grad()
            nn.functional.cross_entropy(net(images[batch]), classes[batch]).backward()
            optimiser.step()
        schedule.step()
    return net.eval()


def accuracy(net):
    """The fraction of `test_part` that `net` reads correctly."""
    images, classes = digits()
    with torch.no_grad():
        return (net(images[test_part()]).argmax(1) == classes[test_part()]).float().mean().item()


_COMMON = {
    "shape": (1, 8, 8),
    "classes": [str(digit) for digit in range(10)],
    "preprocess": {"resize": 8, "crop": [8, 8], "mean": [0.0], "std": [255.0]},
}

ENTRIES = [
    Entry(
        "digits",
        "trained on handwritten digits: their backgrounds are exactly constant, "
        "so pool windows tie and the first maximum must win",
        build=lambda: train(_flat(), 1),
        **_COMMON,
    ),
    Entry(
        "digits-gap",
        "the same digits with a global average pool: CAM on a trained network, with zeros padded around the image",
        build=lambda: train(_gap(), 2),
        **_COMMON,
    ),
]
