"""Guided backpropagation: every ReLU's rule replaced by `R·1{R>0}·1{x>0}` (Springenberg 2014)."""

from touchstone_golden.torch_rules import gradient, reduce, relu_rule


def explain(network, x, target, params, fixtures):
    with relu_rule(own_mask=True):
        logits, g = gradient(network, x, target)
    return {"logits": logits, "gradient": g, "attribution": reduce(g, params.get("reduce", "none"))}
