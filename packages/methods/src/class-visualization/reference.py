"""Class visualisation: gradient ascent on `f_t(x) − decay·‖x‖²` from a stored start, jittered, clamped and blurred.

CS231n, assignment 3.
"""

import numpy as np
import torch
from scipy.ndimage import gaussian_filter1d

from touchstone_golden.comparison import comparison_ends
from touchstone_golden.images import pixel
from touchstone_golden.torch_rules import score

POSTCONDITION_STAGES = ("attribution",)


def fixtures(draw, x, params, description):
    reach = params.get("jitter", 16)
    return {
        "start": draw.standard_normal(x.shape),
        "jitter": draw.integers(-reach, reach + 1, (params.get("steps", 100), 2)),
    }


def explain(network, x, target, params, fixtures):
    low, high = (pixel(network.description, value, x.dtype) for value in (0, 255))
    jitter = fixtures["jitter"].to(torch.int64).tolist()
    compare, steps = params.get("compare", 3), params.get("steps", 100)
    image, stages = fixtures["start"], {}
    for step in range(steps):
        shifted = torch.roll(image, jitter[step], (2, 3)).requires_grad_()
        logits = network(shifted.clone())
        objective = score(logits, target) - params.get("decay", 1e-3) * shifted.square().sum()
        (gradient,) = torch.autograd.grad(objective, shifted)
        if step == 0:
            stages |= {"logits": logits.detach(), "gradient": gradient}
        moved = shifted.detach() + params.get("rate", 25) * gradient
        image = torch.roll(moved, [-o for o in jitter[step]], (2, 3)).clamp(low, high)
        if step % params.get("blurEvery", 10) == 0:
            image = blur(image, params.get("sigma", 0.5))
        if step < compare:
            stages[f"image-{step + 1}"] = image
        if step + 1 == min(compare, steps):
            stages |= {f"image-{later + 1}": image for later in range(steps, compare)}
            comparison_ends(stages)
    return {**stages, "attribution": image}


def blur(image, sigma):
    rows = gaussian_filter1d(image.numpy(), sigma, axis=2)
    return torch.from_numpy(np.ascontiguousarray(gaussian_filter1d(rows, sigma, axis=3)))


def postconditions(network, x, target, params, fixtures, stages):
    end = stages["attribution"]
    low, high = (pixel(network.description, value, x.dtype) for value in (0, 255))
    with torch.no_grad():
        before, after = network(fixtures["start"].clone()), network(end.clone())
    each = range(len(x))
    found = {
        "rising": all(score(after[i : i + 1], one(target, i)) > score(before[i : i + 1], one(target, i)) for i in each),
        "pixels": bool(((end >= low - 1e-6) & (end <= high + 1e-6)).all()),
    }
    if params.get("probability", 0) > 0:
        found["probability"] = all(
            score(after[i : i + 1].softmax(1), one(target, i)) > params["probability"] for i in each
        )
    return {name: bool(holds) for name, holds in found.items()}


def one(target, i):
    """The target of image i alone."""
    return {**target, "class": target["class"][i]} if isinstance(target.get("class"), list) else target
