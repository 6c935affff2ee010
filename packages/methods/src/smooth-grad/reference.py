"""SmoothGrad: the average of the gradients at `x + σ·ε_i`, `σ = fraction·(max x − min x)` per image (Smilkov 2017)."""

import torch

from touchstone_golden.torch_rules import gradient, reduce, shown

AVERAGES = {
    "mean-then-abs": lambda g: g.mean(0),
    "abs-then-mean": lambda g: g.abs().mean(0),
    "mean-of-squares": lambda g: g.square().mean(0),
    "variance": lambda g: g.var(0, unbiased=False),
}


def fixtures(draw, x, params, description):
    return {"noise": draw.standard_normal((params.get("samples", 50), *x.shape))}


def explain(network, x, target, params, fixtures):
    noise = fixtures["noise"][: params.get("samples", 50)]
    sigma = params.get("fraction", 0.15) * (x.amax((1, 2, 3)) - x.amin((1, 2, 3)))
    gradients = [gradient(network, x + sigma[:, None, None, None] * e, target)[1] for e in noise]
    average = AVERAGES[params.get("average", "mean-then-abs")](torch.stack(gradients))
    with torch.no_grad():
        logits = network(x.clone())
    return {
        "logits": logits,
        "sigma": sigma,
        "average": average,
        **shown(average, params, "gradient"),
        "attribution": reduce(average, params.get("reduce", "abs-max")),
    }
