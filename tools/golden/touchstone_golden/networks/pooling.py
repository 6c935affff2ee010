"""Pooling: ceil, overlap, padding, negative maxima, averages with and without their padding."""

from torch import nn

from .entry import Entry, seeded


def _ceil():
    return seeded(
        31,
        nn.Sequential(
            nn.Conv2d(3, 10, 3, 2, 1),
            nn.ReLU(),
            nn.MaxPool2d(2, 2, ceil_mode=True),
            nn.Conv2d(10, 16, 3, 1, 1),
            nn.ReLU(),
            nn.MaxPool2d(3, 2, ceil_mode=True),
            nn.Flatten(),
            nn.Linear(16 * 2 * 3, 10),
        ),
    )


def _overlapping():
    return seeded(
        32,
        nn.Sequential(
            nn.Conv2d(3, 10, 3, 1, 1),
            nn.ReLU(),
            nn.MaxPool2d(3, 2, 1),
            nn.Conv2d(10, 16, 3, 1, 1),
            nn.ReLU(),
            nn.MaxPool2d((3, 5), (2, 3), (1, 2)),
            nn.Flatten(),
            nn.Linear(16 * 8 * 6, 10),
        ),
    )


def _before_relu():
    return seeded(
        33,
        nn.Sequential(
            nn.Conv2d(3, 10, 3, 2, 1),
            nn.MaxPool2d(3, 2, 1),
            nn.ReLU(),
            nn.Conv2d(10, 16, 3, 1, 1),
            nn.MaxPool2d(3, 2, 1),
            nn.Conv2d(16, 16, 3, 1, 1),
            nn.MaxPool2d(2, 2, dilation=2),
            nn.Flatten(),
            nn.Linear(16, 10),
        ),
    )


def _average():
    return seeded(
        34,
        nn.Sequential(
            nn.Conv2d(3, 10, 3, 1, 1),
            nn.ReLU(),
            nn.AvgPool2d(3, 2, 1, count_include_pad=True),
            nn.Conv2d(10, 16, 3, 1, 1),
            nn.ReLU(),
            nn.AvgPool2d(3, 2, 1, count_include_pad=False),
            nn.Conv2d(16, 16, 3, 1, 1),
            nn.AvgPool2d(3, 2, ceil_mode=True),
            nn.ReLU(),
            nn.Conv2d(16, 16, 3, 1, 1),
            nn.ReLU(),
            nn.AvgPool2d(4),
            nn.Flatten(),
            nn.Linear(16, 10),
        ),
    )


def _adaptive():
    return seeded(
        35,
        nn.Sequential(
            nn.Conv2d(3, 12, 3, 2),
            nn.ReLU(),
            nn.Conv2d(12, 16, 3, 1, 1),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d((4, 7)),
            nn.Conv2d(16, 16, 3, 1, 1),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d((3, None)),
            nn.Flatten(),
            nn.Linear(16 * 3 * 7, 10),
        ),
    )


ENTRIES = [
    Entry(
        "pool-ceil",
        "max pooling with ceil_mode: partial windows at the border get a value and a gradient",
        (3, 17, 23),
        _ceil,
    ),
    Entry(
        "pool-overlapping",
        "overlapping max pools (k3 s2 p1, and a rectangular one): a pixel that wins several windows gets the sum",
        (3, 32, 32),
        _overlapping,
    ),
    Entry(
        "pool-before-relu",
        "padded max pools of raw convolutions: maxima are negative, "
        "so padding with 0 or dropping windows whose maximum is not positive shows; one pool is dilated",
        (3, 32, 32),
        _before_relu,
    ),
    Entry(
        "pool-average",
        "average pools with count_include_pad both ways, with ceil_mode, and as the head",
        (3, 32, 32),
        _average,
    ),
    Entry(
        "pool-adaptive",
        "adaptive average pooling that does not divide: windows of unequal size that overlap",
        (3, 32, 32),
        _adaptive,
    ),
]
