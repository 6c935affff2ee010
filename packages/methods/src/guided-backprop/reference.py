"""Guided backpropagation: every ReLU's rule replaced by `R·1{R>0}·1{x>0}` (Springenberg 2014)."""

from touchstone_golden.torch_rules import gradient, reduce, relu_rule, shown


def explain(network, x, target, params, fixtures):
    with relu_rule(own_mask=True):
        logits, g = gradient(network, x, target)
    return {
        "logits": logits,
        "gradient": g,
        **shown(g, params, "guided"),
        "attribution": reduce(g, params.get("reduce", "none")),
    }
