"""Networks that return maps, and what enlarges them."""

import torch
import torch.nn.functional as F
from torch import nn

from .entry import Entry, drawn, zoo_preprocess

_WIDE = (3, 24, 32)


def _block(inputs, outputs):
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, 1, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)
    )


class UNet(nn.Module):
    """Down, up by transposed convolution and by bilinear enlargement, each joined with the map of its size"""

    def __init__(self, classes=4):
        super().__init__()
        self.down1, self.down2, self.bottom = _block(3, 8), _block(8, 12), _block(12, 16)
        self.up2 = nn.ConvTranspose2d(16, 12, (3, 4), 2, 1, output_padding=(1, 0))
        self.join2 = _block(24, 12)
        self.up1 = nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True)
        self.join1 = _block(20, 8)
        self.head = nn.Conv2d(8, classes, 1)

    def forward(self, x):
        a = self.down1(x)
        b = self.down2(F.max_pool2d(a, 2))
        c = self.bottom(F.max_pool2d(b, 2))
        b = self.join2(torch.cat([self.up2(c), b], 1))
        a = self.join1(torch.cat([self.up1(b), a], 1))
        return self.head(a)


class Pyramid(nn.Module):
    """As LR-ASPP, FCN and FPN: maps of several scales are enlarged to the input's size; returns a dictionary"""

    def __init__(self, classes=3):
        super().__init__()
        self.low = nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1), nn.ReLU())
        self.high = nn.Sequential(nn.Conv2d(8, 12, 3, 2, 1), nn.ReLU(), nn.Conv2d(12, 12, 3, 1, 2, dilation=2))
        self.scale = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(12, 12, 1, bias=False), nn.Sigmoid())
        self.low_classes, self.high_classes = nn.Conv2d(8, classes, 1), nn.Conv2d(12, classes, 1)

    def forward(self, x):
        low = self.low(x)
        high = self.high(low)
        high = F.relu(high) * self.scale(high)
        merged = F.interpolate(high, size=low.shape[-2:], mode="bilinear", align_corners=False)
        nearest = F.interpolate(high, scale_factor=2.0, mode="nearest")[..., : low.shape[-1]]
        out = self.low_classes(low) + self.high_classes(merged + 0.5 * nearest)
        return {"out": F.interpolate(out, size=x.shape[-2:], mode="bicubic", align_corners=False)}


ENTRIES = [
    Entry(
        "u-net",
        "returns maps: transposed convolution with a padded output, bilinear enlargement with aligned corners, joins",
        _WIDE,
        lambda: drawn(321, UNet()),
        preprocess=zoo_preprocess(_WIDE),
        seed=321,
    ),
    Entry(
        "map-dictionary",
        "returns a dictionary with maps: bilinear, nearest and bicubic enlargement without aligned corners",
        _WIDE,
        lambda: drawn(322, Pyramid()),
        seed=322,
    ),
]
