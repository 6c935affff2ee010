"""Skip connections and concatenation: where several gradients meet."""

import torch
from torch import nn

from .entry import Entry, seeded


class PostActivation(nn.Module):
    """ResNet's first block: the ReLU after the sum, one ReLU module called twice."""

    def __init__(self, inputs, outputs, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.downsample = None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        out = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        out += x if self.downsample is None else self.downsample(x)
        return self.relu(out)


class PreActivation(nn.Module):
    """ResNet v2's block. With `inplace`, the first ReLU writes over x, so the skip carries relu(x)."""

    def __init__(self, channels, inplace):
        super().__init__()
        self.relu1 = nn.ReLU(inplace=inplace)
        self.conv1 = nn.Conv2d(channels, channels, 3, 1, 1)
        self.relu2 = nn.ReLU(inplace=inplace)
        self.conv2 = nn.Conv2d(channels, channels, 3, 1, 1)

    def forward(self, x):
        out = self.conv1(self.relu1(x))
        return self.conv2(self.relu2(out)) + x


class DenseBlock(nn.Module):
    """Every layer reads all layers before it; the ReLU is called inside, before each convolution."""

    def __init__(self, channels, growth, layers):
        super().__init__()
        self.layers = nn.ModuleList(
            nn.Sequential(
                nn.BatchNorm2d(channels + i * growth),
                nn.ReLU(inplace=True),
                nn.Conv2d(channels + i * growth, growth, 3, 1, 1, bias=False),
            )
            for i in range(layers)
        )

    def forward(self, x):
        features = [x]
        for layer in self.layers:
            features.append(layer(torch.cat(features, 1)))
        return torch.cat(features, 1)


class Classifier(nn.Module):
    """stem → body → global average pool → linear"""

    def __init__(self, stem, body, channels, classes=10):
        super().__init__()
        self.stem = stem
        self.body = body
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(channels, classes)

    def forward(self, x):
        x = self.pool(self.body(self.stem(x)))
        return self.fc(torch.flatten(x, 1))


def _residual():
    stem = nn.Sequential(
        nn.Conv2d(3, 12, 3, 2, 1, bias=False), nn.BatchNorm2d(12), nn.ReLU(inplace=True), nn.MaxPool2d(3, 1, 1)
    )
    return seeded(11, Classifier(stem, nn.Sequential(PostActivation(12, 12), PostActivation(12, 24, 2)), 24))


def _preact(inplace):
    stem = nn.Conv2d(3, 12, 3, 2, 1)
    body = nn.Sequential(PreActivation(12, inplace), PreActivation(12, inplace), nn.ReLU(inplace=inplace))
    return seeded(12, Classifier(stem, body, 12))


def _dense():
    stem = nn.Sequential(nn.Conv2d(3, 12, 3, 2, 1, bias=False), nn.ReLU())
    transition = nn.Sequential(
        nn.BatchNorm2d(36), nn.ReLU(inplace=True), nn.Conv2d(36, 16, 1, bias=False), nn.AvgPool2d(2, 2)
    )
    body = nn.Sequential(
        DenseBlock(12, 8, 3), transition, DenseBlock(16, 8, 2), nn.BatchNorm2d(32), nn.ReLU(inplace=True)
    )
    return seeded(13, Classifier(stem, body, 32))


ENTRIES = [
    Entry(
        "residual",
        "post-activation residual blocks: one in-place ReLU module called twice per block, "
        "a skip that is projected and one that is not",
        (3, 32, 32),
        _residual,
    ),
    Entry(
        "residual-preact",
        "pre-activation residual blocks: the skip and the ReLU read the same tensor, "
        "so a clamp on the summed gradient differs from a rule per ReLU call",
        (3, 32, 32),
        lambda: _preact(False),
    ),
    Entry(
        "residual-preact-inplace",
        "the same weights with in-place ReLUs: relu_(x) at the block's start changes what the skip carries",
        (3, 32, 32),
        lambda: _preact(True),
    ),
    Entry(
        "dense-concat",
        "DenseNet-like concatenation: every map is read by all later layers, gradients of many readers add up",
        (3, 32, 32),
        _dense,
    ),
]
