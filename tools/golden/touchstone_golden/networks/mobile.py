"""Products of maps: squeeze and excite, and channels that are split and shuffled."""

import torch
import torch.nn.functional as F
from torch import nn

from .entry import Entry, drawn, zoo_preprocess

_SMALL = (3, 32, 32)


class SqueezeExcite(nn.Module):
    """EfficientNet's and MobileNetV3's: channels times numbers computed from their means"""

    def __init__(self, channels, reduced, activation, scale):
        super().__init__()
        self.fc1, self.fc2 = nn.Conv2d(channels, reduced, 1), nn.Conv2d(reduced, channels, 1)
        self.activation, self.scale = activation, scale

    def forward(self, x):
        s = F.adaptive_avg_pool2d(x, 1)
        return self.scale(self.fc2(self.activation(self.fc1(s)))) * x


class Mobile(nn.Module):
    """Inverted bottlenecks, the first as EfficientNet's, the second as MobileNetV3's"""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1, bias=False), nn.BatchNorm2d(8), nn.SiLU(inplace=True))
        self.depthwise1 = nn.Sequential(nn.Conv2d(8, 8, 3, 1, 1, groups=8), nn.SiLU())
        self.excite1 = SqueezeExcite(8, 4, nn.SiLU(), nn.Sigmoid())
        self.expand = nn.Sequential(nn.Conv2d(8, 16, 1), nn.Hardswish(inplace=True))
        self.depthwise2 = nn.Sequential(nn.Conv2d(16, 16, 5, 2, 2, groups=16), nn.Hardswish())
        self.excite2 = SqueezeExcite(16, 4, nn.ReLU(), nn.Hardsigmoid())
        self.head = nn.Linear(16, 10)

    def forward(self, x):
        x = self.stem(x)
        x = x + self.excite1(self.depthwise1(x))
        x = self.excite2(self.depthwise2(self.expand(x)))
        x = x * x.sigmoid()
        return self.head(x.mean((2, 3)))


class Shuffle(nn.Module):
    """ShuffleNetV2's unit between a pixel unshuffle and a pixel shuffle; sizes are computed from the input's"""

    def __init__(self):
        super().__init__()
        self.down, self.up = nn.PixelUnshuffle(2), nn.PixelShuffle(2)
        self.conv = nn.Conv2d(12, 16, 3, 1, 1)
        self.branch = nn.Sequential(nn.Conv2d(8, 8, 3, 1, 1, groups=8), nn.Conv2d(8, 8, 1), nn.ReLU(inplace=True))
        self.mix = nn.ChannelShuffle(4)
        self.gated = nn.Conv2d(4, 6, 3, 1, 1)
        self.fc = nn.Linear(3 * 4 * 4, 10)

    def forward(self, x):
        x = F.relu(self.conv(self.down(x)))
        left, right = x.chunk(2, dim=1)
        x = torch.cat((left, self.branch(right)), dim=1)
        n, c, h, w = x.size()
        x = x.view(n, 2, c // 2, h, w).transpose(1, 2).contiguous().view(n, -1, h, w)
        value, gate = torch.split(self.gated(self.up(self.mix(x))), 3, dim=1)
        x = F.avg_pool2d(value * torch.sigmoid(gate), (h // 2, w // 2))
        return self.fc(x.reshape(x.shape[0], -1))


ENTRIES = [
    Entry(
        "squeeze-excite",
        "products of maps with numbers per channel: SiLU, sigmoid, Hardswish, Hardsigmoid, as EfficientNet and "
        "MobileNetV3 have them",
        _SMALL,
        lambda: drawn(311, Mobile()),
        preprocess=zoo_preprocess(_SMALL),
        seed=311,
    ),
    Entry(
        "shuffled-channels",
        "chunks, splits, channels and pixels that are shuffled by views, on a map that is not square",
        (3, 24, 32),
        lambda: drawn(312, Shuffle()),
        seed=312,
    ),
]
