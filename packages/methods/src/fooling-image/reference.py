"""Fooling image: `x ← x + lr·g/‖g‖₂` until the network sees the target (CS231n, assignment 3)."""

import torch

from touchstone_golden.comparison import comparison_ends
from touchstone.network.preprocessing import normalisation_of_levels
from touchstone_golden.torch_rules import gradient

POSTCONDITION_STAGES = ("steps", "attribution")


def explain(network, x, target, params, fixtures):
    logits, g = gradient(network, x, target)
    compare, steps = params.get("compare", 3), params.get("steps", 100)
    wanted = torch.as_tensor(target["class"]).expand(len(x))
    image, taken, left = x, torch.zeros(len(x), dtype=x.dtype), torch.ones(len(x), dtype=torch.bool)

    def step():
        nonlocal image, taken, left
        scores, direction = gradient(network, image, target)
        left = scores.argmax(1) != wanted
        norm = direction.flatten(1).norm(dim=1)[:, None, None, None]
        move = params.get("rate", 1.0) * direction / torch.where(norm == 0, 1, norm)
        image = torch.where(left[:, None, None, None], image + move, image)
        taken = taken + left

    stages = {"logits": logits, "gradient": g}
    for number in range(1, compare + 1):
        if number <= steps and left.any():
            step()
        stages[f"image-{number}"] = image
    difference = image - x
    magnified = (0.5 + 10 * difference * pixels_per_unit(network, x)).clamp(0, 1)
    stages |= {"difference": difference, "difference10": magnified}
    comparison_ends(stages)
    for _ in range(compare, steps):
        if not left.any():
            break
        step()
    return {**stages, "steps": taken, "attribution": image}


def pixels_per_unit(network, x):
    """What one unit of the network's input is in pixels of [0,1].

    Without preprocessing each image's own range counts as 1.
    """
    preprocess = network.description.get("preprocess")
    if preprocess is None:
        width = x.amax(dim=(1, 2, 3), keepdim=True) - x.amin(dim=(1, 2, 3), keepdim=True)
        return 1 / torch.where(width == 0, 1, width)
    _, std = normalisation_of_levels(preprocess)
    return torch.tensor(std, dtype=x.dtype)[:, None, None] / 255


def postconditions(network, x, target, params, fixtures, stages):
    with torch.no_grad():
        seen = network(stages["attribution"].clone()).argmax(1)
    way = (stages["attribution"] - x).flatten(1).norm(dim=1)
    return {
        "fooled": bool((seen == torch.as_tensor(target["class"])).all()),
        "in time": bool(stages["steps"].max() <= params.get("steps", 100)),
        "near": bool((way <= stages["steps"] * params.get("rate", 1.0) * (1 + 1e-3)).all()),
    }
