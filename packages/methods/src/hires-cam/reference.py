"""HiResCAM: `relu(Σ_k ∂f/∂A_k ⊙ A_k)`, divided by its largest absolute value, resized to the input (Draelos 2020)."""

import torch
from torch.nn import functional as F

from touchstone_golden.cases import reference


def explain(network, x, target, params, fixtures):
    logits, A, g = reference("grad-cam").layer_gradient(network, x, target, params)
    raw = (g * A).sum(1, keepdim=True)
    if params.get("relu", True):
        raw = raw.clamp(min=0)
    top = raw.abs().amax((2, 3), keepdim=True)
    normalised = torch.where(top > 0, raw / top, 0)
    return {
        "logits": logits,
        "activations": A,
        "gradient": g,
        "map": raw,
        "normalised": normalised,
        "attribution": F.interpolate(normalised, x.shape[2:], mode="bilinear", align_corners=False),
    }
