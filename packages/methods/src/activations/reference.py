"""Activations: what the named layers return, call by call, under their module names."""

import torch

from touchstone_golden.torch_rules import leaves, outputs_of


def explain(network, x, target, params, fixtures):
    layers = params.get("layers")
    modules = leaves(network) if layers is None else {path: network.get_submodule(path) for path in layers}
    with torch.no_grad(), outputs_of(modules) as seen:
        logits = network(x.clone())
    stages, calls = {"logits": logits}, {}
    for path, out in seen:
        calls[path] = calls.get(path, 0) + 1
        stages[path if calls[path] == 1 else f"{path}#{calls[path]}"] = out
    return {**stages, "attribution": seen[-1][1]}
