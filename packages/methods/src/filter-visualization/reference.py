"""Filter visualisation: Adam on −mean(A_filter) from stored noise, enlarged between the sizes (Graetz 2019)."""

import numpy as np
import torch
from scipy.ndimage import gaussian_filter1d
from torch.nn import functional as F

from touchstone_golden.comparison import comparison_ends
from touchstone.network.preprocessing import normalisation_of_levels

POSTCONDITION_STAGES = ("attribution",)


class Reached(Exception):
    """The layer has answered; what comes after it need not run."""


def fixtures(draw, x, params, description):
    size = params.get("size", 56)
    mean, std = (np.array(each)[:, None, None] for each in normalisation_of_levels(description["preprocess"]))
    return {"start": (draw.integers(150, 180, (len(x), x.shape[1], size, size)) - mean) / std}


def explain(network, x, target, params, fixtures):
    steps, octaves = params.get("steps", 20), params.get("octaves", 12)
    compare = min(params.get("compare", 3), steps)
    image, stages, taken = fixtures["start"], {}, 0
    for octave in range(octaves):
        if octave > 0:
            image = enlarge(image, params)
        image = image.clone().requires_grad_()
        rate, decay = params.get("rate", 0.1), params.get("decay", 1e-6)
        adam = torch.optim.Adam([image], lr=rate, weight_decay=decay, foreach=False)
        for _ in range(steps):
            adam.zero_grad()
            mean = filter_mean(network, image, params)
            (-mean.sum()).backward()
            if taken == 0:
                stages |= {"activation": mean.detach(), "gradient": image.grad.clone()}
            adam.step()
            taken += 1
            if taken <= compare:
                stages[f"image-{taken}"] = image.detach().clone()
            if taken == compare:
                stages["enlarged"] = enlarge(image.detach(), params)
                comparison_ends(stages)
        image = image.detach()
    return {**stages, "attribution": image}


def filter_mean(network, image, params):
    """Mean over the filter's map, [N]."""
    found = []

    def leave(_module, _args, out):
        found.append(out)
        raise Reached

    hook = network.get_submodule(params["layer"]).register_forward_hook(leave)
    try:
        network(image.clone())
    except Reached:
        pass
    finally:
        hook.remove()
    return found[0][:, params.get("filter", 0)].mean((1, 2))


def enlarge(image, params):
    size = [int(side * params.get("scale", 1.2)) for side in image.shape[2:]]
    larger = F.interpolate(image, size=size, mode="bicubic", align_corners=False)
    sigma = params.get("sigma")
    return larger if sigma is None else blur(larger, sigma)


def blur(image, sigma):
    rows = gaussian_filter1d(image.numpy(), sigma, axis=2)
    return torch.from_numpy(np.ascontiguousarray(gaussian_filter1d(rows, sigma, axis=3)))


def postconditions(network, x, target, params, fixtures, stages):
    with torch.no_grad():
        before, after = (filter_mean(network, image, params) for image in (fixtures["start"], stages["attribution"]))
    return {"rising": bool((after > before).all())}
