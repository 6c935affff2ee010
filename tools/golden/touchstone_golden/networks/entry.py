"""An entry of the zoo: a named network with a reason to exist, and its weights."""

from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import nn

from touchstone.network.seeded import draw_weights


@dataclass(frozen=True)
class Entry:
    """`build()` gives the module, weights included; `shape` is its input's [C,H,W]; `seed`: its weights are
    seeded, not stored; `example(generator)`: what forward takes, where that is no tensor [2,C,H,W].
    """

    name: str
    why: str
    shape: tuple[int, int, int]
    build: Callable[[], nn.Module]
    classes: list[str] = field(default_factory=list)
    preprocess: dict | None = None
    heads: tuple[str, ...] = ()
    seed: int | None = None
    example: Callable[[torch.Generator], object] | None = None


def seeded(seed, module):
    """Fills `module` in place from the seed: He's gain, biases of both signs, batch norms with a history; no symmetric
    kernel anywhere.
    """
    generator = torch.Generator().manual_seed(seed)

    def normal(tensor, mean, std):
        tensor.copy_(mean + std * torch.randn(tensor.shape, generator=generator))

    with torch.no_grad():
        for each in module.modules():
            if isinstance(each, (nn.Conv2d, nn.Linear)):
                normal(each.weight, 0.0, (2 / each.weight[0].numel()) ** 0.5)
                if each.bias is not None:
                    normal(each.bias, -0.05, 0.2)
            elif isinstance(each, nn.BatchNorm2d):
                each.running_var.copy_(0.4 + 1.6 * torch.rand(each.running_var.shape, generator=generator))
                normal(each.running_mean, 0.0, 0.4)
                if each.affine:
                    each.weight.copy_(0.5 + torch.rand(each.weight.shape, generator=generator))
                    normal(each.bias, 0.0, 0.3)
    return module


def drawn(seed, module):
    """Gives `module` the weights of the seed, in place; what the rules of seeded weights know nothing of stays."""
    module.load_state_dict(draw_weights(seed, module), strict=False)
    return module


def draw_seeded(seed, module):
    """Gives `module`, which may be on "meta", the weights of the seed in its network.json."""
    module.load_state_dict(draw_weights(seed, module), strict=False, assign=True)
    return module


def zoo_preprocess(shape):
    """How an image becomes the input of a zoo network: about zero mean, about unit deviation."""
    channels, height, width = shape
    return {"resize": min(height, width), "crop": [height, width], "mean": [120.0] * channels, "std": [64.0] * channels}
