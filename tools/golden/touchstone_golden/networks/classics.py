"""torchvision's networks that the sources explain, with seeded weights: each at full size, and narrow with all its
topology.

The narrow AlexNet is the one of the worked examples. The head-pose network is narrow only.
"""

import torch
import torchvision
from torch import nn

from touchstone.network import imagenet

from .entry import Entry, draw_seeded, zoo_preprocess

ANGLES = ("yaw", "pitch", "roll")

NARROW_SHAPE = (3, 64, 80)


class HeadPose(nn.Module):
    """A DenseNet-121 with a classifier of 66 bins for each angle of a head (Ruiz et al. 2018, "Fine-grained head pose
    estimation").
    """

    def __init__(self):
        super().__init__()
        self.features = torchvision.models.densenet121().features
        self.relu = nn.ReLU(inplace=True)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        for angle in ANGLES:
            self.add_module(f"fc_{angle}", nn.Linear(1024, 66))

    def forward(self, x):
        x = torch.flatten(self.avgpool(self.relu(self.features(x))), 1)
        return self.fc_yaw(x), self.fc_pitch(x), self.fc_roll(x)


def narrowed(net, by, outputs):
    """`net` with its channels and features divided by `by`, in place; of the modules in `outputs` (path → size) the
    output is as given.
    """

    def less(path, before, after):
        return before if before == 3 else before // by, outputs.get(path, after // by)

    for path, old in list(net.named_modules()):
        if isinstance(old, nn.Conv2d):
            sizes = less(path, old.in_channels, old.out_channels)
            new = nn.Conv2d(*sizes, old.kernel_size, old.stride, old.padding, bias=old.bias is not None)
        elif isinstance(old, nn.Linear):
            new = nn.Linear(*less(path, old.in_features, old.out_features))
        elif isinstance(old, nn.BatchNorm2d):
            new = nn.BatchNorm2d(old.num_features // by)
        else:
            continue
        net.set_submodule(path, new)
    return net


def _build(seed, make, by=1, outputs=()):
    with torch.device("meta"):  # torchvision's own initial weights are never drawn
        net = make() if by == 1 else narrowed(make(), by, dict(outputs))
    return draw_seeded(seed, net)


def _full(name, seed, why):
    shape = (3, *imagenet.PREPROCESS["crop"])
    return Entry(
        name,
        why,
        shape,
        lambda: _build(seed, getattr(torchvision.models, name)),
        imagenet.CLASSES,
        imagenet.PREPROCESS,
        seed=seed,
    )


def _narrow(name, seed, why, by, outputs, make=None, heads=()):
    make = make or getattr(torchvision.models, name)
    preprocess = zoo_preprocess(NARROW_SHAPE)
    return Entry(
        f"{name}-narrow",
        why,
        NARROW_SHAPE,
        lambda: _build(seed, make, by, outputs),
        preprocess=preprocess,
        heads=heads,
        seed=seed,
    )


ENTRIES = [
    _narrow(
        "vgg16",
        16,
        "all sixteen layers of a VGG-16 on an image that is not square: its last pooling drops a column, "
        "and its average pooling enlarges 2×2 to 7×7",
        16,
        {"classifier.6": 12},
    ),
    _narrow(
        "vgg19",
        24,
        "all nineteen layers of a VGG-19: features.35 is its last ReLU, in place, "
        "and features.34 the convolution before it",
        16,
        {"classifier.6": 12},
    ),
    _narrow(
        "densenet121",
        121,
        "all 121 layers of a DenseNet-121: each reads all before it in its block, "
        "so up to 25 gradients add up at one map",
        8,
        {"classifier": 12},
    ),
    _narrow(
        "squeezenet1_1",
        15,
        "all fire modules of a SqueezeNet 1.1: poolings with a last partial window (ceil_mode), "
        "a ReLU after the class scores, no linear layer",
        4,
        {"classifier.1": 12},
    ),
    _narrow(
        "head-pose",
        66,
        "a DenseNet-121 with three outputs, as head-pose networks have: yaw, pitch and roll, 66 bins each",
        8,
        {f"fc_{angle}": 66 for angle in ANGLES},
        make=HeadPose,
        heads=ANGLES,
    ),
    _full("alexnet", 1012, "an AlexNet at full size: 61 million weights, the first kernels 11×11"),
    _full("vgg16", 1016, "a VGG-16 at full size: 138 million weights, 103 million of them in one linear layer"),
    _full("vgg19", 1019, "a VGG-19 at full size: 144 million weights"),
    _full("densenet121", 1121, "a DenseNet-121 at full size: 121 layers deep, hardly any arithmetic in each"),
    _full("squeezenet1_1", 1011, "a SqueezeNet 1.1 at full size: the network that the sources fool and visualise"),
]
