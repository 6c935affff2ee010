"""The weights of a layer: kernels each stretched to [0,1] (torchvision's make_grid), or hidden units as lines."""

import torch
from torch import nn
from torchvision.utils import make_grid

from touchstone_golden.torch_rules import leaves
from touchstone_golden.toy import disc_labels

RELU_HAS_SWITCH_POINT = False  # no gradient is taken


def fixtures(draw, x, params, description):
    return {"labels": disc_labels(x)}


def explain(network, x, target, params, fixtures):
    weighted = {path: m for path, m in leaves(network).items() if isinstance(m, (nn.Conv2d, nn.Linear))}
    first = next(iter(weighted))
    path = params.get("layer") or first
    weight, bias = weighted[path].weight.detach(), weighted[path].bias
    stages = {"weight": weight} if bias is None else {"weight": weight, "bias": bias.detach()}
    if isinstance(weighted[path], nn.Conv2d):
        return {**stages, "attribution": torch.stack([stretched(kernel) for kernel in weight])}
    if path == first and x[0].numel() == weight.shape[1] == 2:
        offsets = stages.get("bias", torch.zeros(len(weight), dtype=x.dtype))
        lines = torch.stack([line(w, offsets[i]) for i, w in enumerate(weight)])
        extent = 1.1 * x.abs().max() if x.any() else torch.ones((), dtype=x.dtype)
        seen = region(network, x, extent, params.get("raster", 64))
        return {**stages, "extent": extent[None], "region": seen, "lines": lines, "attribution": lines}
    return {**stages, "attribution": weight}


def stretched(kernel):
    """[C,h,w] to [0,1]. make_grid returns a single image unchanged, but repeats one channel three times."""
    return make_grid(kernel[None], normalize=True, scale_each=True)[: len(kernel)]


def line(w, b):
    """w·p + b = 0: the point of it that is nearest to the origin, and its direction; none where w is 0."""
    length = w.norm()
    if length == 0:
        return torch.zeros(4, dtype=w.dtype)
    return torch.cat([-b / length * w / length, torch.stack([-w[1], w[0]]) / length])


def region(network, x, extent, side):
    """The logits [1,classes,side,side] at the centres of the square's cells, the topmost row first."""
    centres = (2 * torch.arange(side, dtype=x.dtype) + 1) / side - 1
    down, right = torch.meshgrid(-extent * centres, extent * centres, indexing="ij")
    points = torch.stack([right.flatten(), down.flatten()], 1)
    with torch.no_grad():
        return network(points.view(-1, *x.shape[1:])).T.reshape(1, -1, side, side)
