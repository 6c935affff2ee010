"""Grad-CAM: `relu(Σ_k α_k A_k)` with `α_k` the mean of `∂f/∂A_k`, divided by its maximum, resized to the input.

Selvaraju 2017.
"""

import torch
from torch.nn import functional as F

from touchstone_golden.torch_rules import heads_of, last_map, leaves, outputs_of, score


def explain(network, x, target, params, fixtures):
    logits, A, g = layer_gradient(network, x, target, params)
    weights = g.mean((2, 3))
    raw = (weights[:, :, None, None] * A).sum(1, keepdim=True).clamp(min=0)
    top = raw.amax((2, 3), keepdim=True)
    normalised = torch.where(top > 0, raw / top, 0)
    return {
        "logits": logits,
        "activations": A,
        "gradient": g,
        "weights": weights,
        "map": raw,
        "normalised": normalised,
        "attribution": F.interpolate(normalised, x.shape[2:], mode="bilinear", align_corners=False),
    }


def layer_gradient(network, x, target, params):
    """Logits, A and ∂f/∂A as maps [N,K,h,w], of the layer that `params` names or the default one."""
    layer = params.get("layer")
    if layer is None:
        layer = last_tokens(network, x, target, params) if params.get("tokens") else last_map(network, x)
    logits, A, g = gradient_at(network, x, target, network.get_submodule(layer))
    return logits, maps(A, params), maps(g, params)


def maps(A, params):
    """Tokens after the first `skip` as the rows of `grid`; channels from the last place to the second."""
    if params.get("tokens"):
        h, w = params["tokens"]["grid"]
        A = A[:, params["tokens"]["skip"] :].unflatten(1, (h, w))
        return A.permute(0, 3, 1, 2)
    return A.permute(0, 3, 1, 2) if params.get("channelsLast") else A


def last_tokens(network, x, target, params):
    """Path of the last leaf, other than a Linear, that returns so many tokens and has a gradient on the grid."""
    skip, (h, w) = params["tokens"]["skip"], params["tokens"]["grid"]
    modules = leaves(network)
    with torch.no_grad(), outputs_of(modules) as seen:
        network(x.clone())
    for path, out in reversed(dict(seen).items()):
        if out.dim() != 3 or out.shape[1] != skip + h * w or isinstance(modules[path], torch.nn.Linear):
            continue
        if gradient_at(network, x, target, modules[path])[2][:, skip:].any():
            return path
    raise ValueError(f"no leaf returns {skip} + {h}·{w} tokens that are read")


def gradient_at(network, x, target, module):
    """Logits, A as `module` returns it in its last call, and ∂f/∂A: the gradient of a zero that is added to A there."""
    with torch.no_grad(), outputs_of({"": module}) as calls:
        network(x.clone())
    coming = len(calls)
    A = zero = None

    def add_zero(_module, _args, out):
        nonlocal coming, A, zero
        coming -= 1
        if coming == 0:
            A = out.clone()
            zero = torch.zeros_like(out, requires_grad=True)
            out += zero  # in place, so that whoever else holds this object reads it too

    hook = module.register_forward_hook(add_zero, prepend=True)
    try:
        logits = network(x.clone())
    finally:
        hook.remove()
    f = score(logits, target, heads_of(network))
    (g,) = torch.autograd.grad(f, zero, allow_unused=True, materialize_grads=True)
    return logits.detach(), A, g
