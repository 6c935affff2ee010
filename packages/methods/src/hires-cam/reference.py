"""HiResCAM: `relu(Σ_k ∂f/∂A_k ⊙ A_k)`, divided by its largest absolute value, resized to the input (Draelos 2020)."""

import torch
from torch.nn import functional as F

from touchstone_golden.cases import reference
from touchstone_golden.torch_rules import last_map


def explain(network, x, target, params, fixtures):
    layer = params.get("layer") or last_map(network, x)
    layer_gradient = reference("grad-cam").layer_gradient
    logits, A, g = layer_gradient(network, x, target, network.get_submodule(layer))
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
