"""ReLUs in all their spellings."""

import torch
import torch.nn.functional as F
from torch import nn

from .entry import Entry, seeded, zoo_preprocess


class Vgg(nn.Module):
    """`features` and `classifier` as torchvision's VGG has them."""

    def __init__(self, classes=10):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 8, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(2, 2),
            nn.Conv2d(8, 16, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(2, 2),
            nn.Conv2d(16, 32, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(32, 32, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(2, 2),
        )
        self.avgpool = nn.AdaptiveAvgPool2d((2, 2))
        self.classifier = nn.Sequential(
            nn.Linear(128, 48), nn.ReLU(inplace=True), nn.Dropout(0.5), nn.Linear(48, classes)
        )

    def forward(self, x):
        x = self.avgpool(self.features(x))
        return self.classifier(torch.flatten(x, 1))


class Reused(nn.Module):
    """One ReLU object for every activation of the network, features and classifier alike."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 10, 3, 2, 1)
        self.conv2 = nn.Conv2d(10, 16, 3, 2, 1)
        self.conv3 = nn.Conv2d(16, 16, 3, 1, 1)
        self.relu = nn.ReLU()
        self.fc1 = nn.Linear(16 * 4, 24)
        self.fc2 = nn.Linear(24, 10)

    def forward(self, x):
        x = self.relu(self.conv1(x))
        x = self.relu(self.conv2(x))
        x = self.relu(self.conv3(x))
        x = F.max_pool2d(x, 4)
        x = self.relu(self.fc1(x.view(x.size(0), -1)))
        return self.fc2(x)


class Functional(nn.Module):
    """No ReLU module at all: functions and methods, in place and not, ReLU6 too."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 10, 5, 2, 2)
        self.conv2 = nn.Conv2d(10, 16, 3, 1, 1)
        self.conv3 = nn.Conv2d(16, 16, 3, 1, 1)
        self.conv4 = nn.Conv2d(16, 16, 3, 1, 1)
        self.fc1 = nn.Linear(16, 24)
        self.fc2 = nn.Linear(24, 10)

    def forward(self, x):
        x = F.relu(self.conv1(x))
        x = F.max_pool2d(torch.relu(self.conv2(x)), 2)
        x = F.avg_pool2d(self.conv3(x).relu(), 2)
        x = F.relu6(F.relu(self.conv4(x), inplace=True))
        x = F.dropout(x.mean([2, 3]), 0.5, self.training)
        return self.fc2(F.relu_(self.fc1(x)))


class Mobile(nn.Module):
    """ReLU6 around depthwise convolutions (multiplier 1 and 2) and a grouped one."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1, bias=False), nn.BatchNorm2d(8), nn.ReLU6(inplace=True))
        self.depthwise = nn.Sequential(
            nn.Conv2d(8, 8, 3, 1, 1, groups=8, bias=False), nn.BatchNorm2d(8), nn.ReLU6(inplace=True)
        )
        self.multiplier = nn.Sequential(nn.Conv2d(8, 16, 5, 2, 2, groups=8), nn.ReLU6())
        self.grouped = nn.Sequential(nn.Conv2d(16, 24, 3, 1, 1, groups=4), nn.ReLU6())
        self.pointwise = nn.Conv2d(24, 16, 1)
        self.fc = nn.Linear(16, 10)

    def forward(self, x):
        skip = self.stem(x)
        x = self.depthwise(skip) + skip
        x = self.pointwise(self.grouped(self.multiplier(x)))
        return self.fc(F.adaptive_avg_pool2d(x, 1).flatten(1))


class ZeroUnits(nn.Module):
    """Whole numbers only, so that sums are exact in any order. One ReLU object and one convolution, both reused."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 4, 3, 2, 1, bias=False)
        self.relu = nn.ReLU()
        self.pool = nn.MaxPool2d(2)
        self.mix = nn.Conv2d(4, 4, 3, 1, 1, bias=False)
        self.quarter = nn.AvgPool2d(3, 2, 1, divisor_override=4)
        self.fc = nn.Linear(4 * 2, 5)

    def forward(self, x):
        x = self.relu(self.pool(self.relu(self.stem(x))))
        x = self.quarter(self.relu(self.mix(x)))
        x = F.relu(F.relu(self.mix(x)))
        x = F.avg_pool2d(x, 2, ceil_mode=True, divisor_override=2)
        return self.fc(torch.flatten(x, 1))


def _steeper(net, *layers):
    """Multiplies the layers' weights, so that many units after them are above 6."""
    with torch.no_grad():
        for layer in layers:
            layer.weight.mul_(4)
    return net


def _functional():
    net = seeded(23, Functional())
    return _steeper(net, net.conv4)


def _mobile():
    net = seeded(24, Mobile())
    return _steeper(net, net.stem[0], net.multiplier[0], net.grouped[0])


def _zero_units():
    net, generator = ZeroUnits(), torch.Generator().manual_seed(55)
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.copy_(torch.randint(-1, 2, parameter.shape, generator=generator))
    return net


def _dead():
    net = seeded(
        25,
        nn.Sequential(
            nn.Conv2d(3, 8, 3, 2, 1),
            nn.ReLU(),
            nn.Conv2d(8, 12, 3, 1, 1),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(2),
            nn.Flatten(),
            nn.Linear(48, 10),
        ),
    )
    with torch.no_grad():
        net[2].bias.sub_(1000)
    return net


_SMALL = (3, 32, 32)

ENTRIES = [
    Entry(
        "tiny-vgg",
        "a small VGG: an in-place ReLU after every convolution, also after the one that is explained",
        _SMALL,
        lambda: seeded(21, Vgg()),
        preprocess=zoo_preprocess(_SMALL),
    ),
    Entry(
        "relu-reused",
        "one ReLU module called four times: a rule, a hook or a mask kept per module confuses the calls",
        _SMALL,
        lambda: seeded(22, Reused()),
    ),
    Entry(
        "relu-functional",
        "ReLU only as functions and methods: replacing modules replaces nothing, "
        "and the result equals the plain gradient bit for bit",
        _SMALL,
        _functional,
    ),
    Entry(
        "relu6-depthwise",
        "ReLU6 with units above 6, depthwise convolutions with multiplier 1 and 2, a grouped one: "
        "kernel order and the second switch point",
        _SMALL,
        _mobile,
    ),
    Entry(
        "zero-units",
        "convolutions of whole numbers without biases: on an image with zeros many ReLUs are at exactly 0 and receive "
        "a gradient, also after a max pool and another ReLU; average pools with divisor_override; reused modules",
        (3, 17, 23),
        _zero_units,
    ),
    Entry(
        "dead-layer",
        "a layer whose units are all off: gradients and maps are exactly zero, and normalising them must not give NaN",
        _SMALL,
        _dead,
    ),
]
