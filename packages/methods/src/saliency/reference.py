"""Saliency: the gradient of the target with respect to the input (Simonyan 2013)."""

from touchstone_golden.torch_rules import gradient, reduce, shown


def explain(network, x, target, params, fixtures):
    logits, g = gradient(network, x, target)
    return {
        "logits": logits,
        "gradient": g,
        **shown(g, params, "gradient"),
        "attribution": reduce(g, params.get("reduce", "abs-max")),
    }
