"""Deconvolution: the backward pass with every ReLU's rule replaced by `R·1{R>0}` (Zeiler 2014)."""

from touchstone_golden.torch_rules import gradient, reduce, relu_rule, shown

# The rule does not look at the forward value: a ReLU has no switch point here.
RELU_HAS_SWITCH_POINT = False


def explain(network, x, target, params, fixtures):
    with relu_rule(own_mask=False):
        logits, g = gradient(network, x, target)
    return {
        "logits": logits,
        "gradient": g,
        **shown(g, params, "deconv"),
        "attribution": reduce(g, params.get("reduce", "none")),
    }
