"""Networks with layers that a person wrote, or took from fastai and timm: own forwards, own tensors, parts that only
training uses.
"""

import torch
import torch.nn.functional as F
from torch import nn

from .entry import Entry, drawn, zoo_preprocess

_SMALL = (3, 32, 32)
_WIDE = (3, 24, 32)


class AdaptiveConcatPool2d(nn.Module):
    """fastai's: maxima and means next to each other"""

    def __init__(self):
        super().__init__()
        self.ap, self.mp = nn.AdaptiveAvgPool2d(1), nn.AdaptiveMaxPool2d(1)

    def forward(self, x):
        return torch.cat([self.mp(x), self.ap(x)], 1)


class Learner(nn.Module):
    """A small residual body with the head that fastai puts on every body, and parts that only training uses"""

    def __init__(self, classes=10):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(3, 12, 3, 2, 1, bias=False),
            nn.BatchNorm2d(12),
            nn.ReLU(),
            nn.Sequential(),
            nn.Dropout2d(0.1),
            nn.Conv2d(12, 16, 3, 2, 1, bias=False),
            nn.SyncBatchNorm(16),
            nn.ReLU(),
        )
        self.head = nn.Sequential(
            AdaptiveConcatPool2d(),
            nn.Flatten(),
            nn.BatchNorm1d(32),
            nn.Dropout(0.25),
            nn.Linear(32, 24, bias=False),
            nn.ReLU(inplace=True),
            nn.BatchNorm1d(24),
            nn.AlphaDropout(0.5),
            nn.Linear(24, classes, bias=False),
        )
        self.loss = nn.CrossEntropyLoss(weight=torch.ones(classes))
        self.projection = nn.Sequential(nn.Linear(24, 8), nn.ReLU(), nn.Linear(8, 4))

    def forward(self, x):
        return self.head(self.body(x))


class BatchNormAct2d(nn.BatchNorm2d):
    """timm's: normalises by its own call, then activates"""

    def __init__(self, channels):
        super().__init__(channels)
        self.drop, self.act = nn.Identity(), nn.SiLU(inplace=True)

    def forward(self, x):
        x = F.batch_norm(x, self.running_mean, self.running_var, self.weight, self.bias, False, 0.0, self.eps)
        return self.act(self.drop(x))


class StdConv2d(nn.Conv2d):
    """timm's: a kernel without mean and with unit deviation, computed in each call"""

    def forward(self, x):
        weight = F.batch_norm(
            self.weight.reshape(1, self.out_channels, -1), None, None, training=True, momentum=0.0, eps=1e-6
        ).reshape_as(self.weight)
        return F.conv2d(x, weight, self.bias, self.stride, self.padding, self.dilation, self.groups)


class Conv2dSame(nn.Conv2d):
    """timm's: TensorFlow's padding, one more below and to the right, from the size of the input"""

    def forward(self, x):
        rows, columns = x.shape[-2:]
        high = max((-(rows // -self.stride[0]) - 1) * self.stride[0] + self.kernel_size[0] - rows, 0)
        wide = max((-(columns // -self.stride[1]) - 1) * self.stride[1] + self.kernel_size[1] - columns, 0)
        x = F.pad(x, [wide // 2, wide - wide // 2, high // 2, high - high // 2])
        return F.conv2d(x, self.weight, self.bias, self.stride, 0, self.dilation, self.groups)


class Timm(nn.Module):
    """Layers with a forward of their own"""

    def __init__(self):
        super().__init__()
        self.stem, self.bn1 = Conv2dSame(3, 12, 3, 2, bias=False), BatchNormAct2d(12)
        self.conv, self.bn2 = StdConv2d(12, 16, 3, 2, 1), BatchNormAct2d(16)
        self.gain = nn.Parameter(torch.ones(()))
        self.head = nn.Linear(16, 10)

    def forward(self, x):
        x = self.bn2(self.conv(self.bn1(self.stem(x)))) * self.gain
        return self.head(x.mean((2, 3)))


class Normalised(nn.Module):
    """Pixels of 0–1 in; normalises them itself, as robust and perceptual networks do, and mixes channels as Inception's
    transform_input
    """

    def __init__(self):
        super().__init__()
        self.register_buffer("mean", torch.tensor([0.485, 0.456, 0.406])[None, :, None, None])
        self.register_buffer("std", torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1))
        self.features = nn.Sequential(nn.Conv2d(3, 12, 3, 2, 1), nn.ReLU(), nn.Conv2d(12, 16, 3, 2, 1), nn.ReLU())
        self.fc = nn.Linear(16, 10)

    def forward(self, x):
        x = (x - self.mean) / self.std
        red = torch.unsqueeze(x[:, 0], 1) * (0.229 / 0.5) + (0.485 - 0.5) / 0.5
        rest = 2 * x[:, 1:] - 1
        x = self.features(torch.cat((red, rest), 1))
        return self.fc(x.mean([-2, -1]))


class Activations(nn.Module):
    """One activation after another, each with a switch point or a tail of its own"""

    def __init__(self):
        super().__init__()
        kinds = [
            nn.LeakyReLU(0.1),
            nn.PReLU(8),
            nn.ELU(0.7),
            nn.SELU(),
            nn.Mish(),
            nn.Softplus(2, 4),
            nn.Tanh(),
            nn.Hardtanh(-0.5, 0.8),
            nn.Threshold(0.1, -0.2),
            nn.CELU(1.3),
            nn.GELU(approximate="tanh"),
            nn.LogSigmoid(),
            nn.Hardswish(),
            nn.Hardsigmoid(),
        ]
        channels = [3, *[8] * len(kinds)]
        self.blocks = nn.ModuleList(
            nn.Sequential(nn.Conv2d(a, b, 1 + 2 * (i % 2), 1, i % 2), kind)
            for i, (a, b, kind) in enumerate(zip(channels, channels[1:], kinds))
        )
        self.fc = nn.Linear(8, 10)

    def forward(self, x):
        for block in self.blocks:
            x = block(x).clamp(-2, 2) + 0.25 * x.mean(1, keepdim=True)
        return F.log_softmax(self.fc(F.max_pool2d(x, 2).flatten(2).amax(2)), dim=-1)


class Norms(nn.Module):
    """Norms that are no batch norms, and paddings that are no zeros"""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 12, 3, 2, 1, padding_mode="reflect")
        self.group = nn.GroupNorm(3, 12)
        self.conv2 = nn.Conv2d(12, 16, 3, 1, (2, 1), padding_mode="circular")
        self.instance = nn.InstanceNorm2d(16, affine=True)
        self.conv3 = nn.Conv2d(16, 16, 5, 2, 2, padding_mode="replicate")
        self.local = nn.LocalResponseNorm(5, alpha=0.02, k=2.0)
        self.fc = nn.Linear(16, 10)

    def forward(self, x):
        x = F.relu(self.group(self.conv1(x)))
        x = F.leaky_relu(self.instance(self.conv2(x)), 0.2)
        x = self.local(self.conv3(F.pad(x, (1, 2, 0, 1), value=0.5)))
        return F.softmax(self.fc(torch.amax(x, dim=(2, 3))), dim=1)


ENTRIES = [
    Entry(
        "fastai-head",
        "a body with fastai's head: maxima next to means, BatchNorm1d, dropouts, and parts that only training uses",
        _SMALL,
        lambda: drawn(301, Learner()),
        preprocess=zoo_preprocess(_SMALL),
        seed=301,
    ),
    Entry(
        "own-forwards",
        "layers of timm with forwards of their own: batch norm with activation, standardised kernels, padding as "
        "TensorFlow's",
        _WIDE,
        lambda: drawn(302, Timm()),
        seed=302,
    ),
    Entry(
        "normalises-itself",
        "buffers and numbers in arithmetic, slices of channels: a network that takes pixels of 0–1",
        _WIDE,
        lambda: drawn(303, Normalised()),
        seed=303,
    ),
    Entry(
        "activations",
        "fourteen activations that are not ReLU, means over channels, log-softmax at the end",
        _WIDE,
        lambda: drawn(304, Activations()),
        seed=304,
    ),
    Entry(
        "norms-and-paddings",
        "group, instance and local response norm; reflected, circular, replicated and constant padding; softmax at "
        "the end",
        _WIDE,
        lambda: drawn(305, Norms()),
        seed=305,
    ),
]
