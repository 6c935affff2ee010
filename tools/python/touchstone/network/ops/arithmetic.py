"""Functions of two tensors, with broadcasting, and attention."""

from .op import Op, aten, optional


def _two(name):
    return Op(lambda tensors, a: getattr(aten, name)(*tensors), {}, (2, 2))


def _attention(tensors, a):
    query, key, value, mask = optional(tensors, 4)
    return aten.scaled_dot_product_attention(query, key, value, mask, 0.0, a["isCausal"], scale=a["scale"])


OPS = {
    "add": _two("add"),
    "sub": _two("sub"),
    "mul": _two("mul"),
    "div": _two("div"),
    "maximum": _two("maximum"),
    "minimum": _two("minimum"),
    "matmul": _two("matmul"),
    "scaled_dot_product_attention": Op(_attention, {"scale": "number", "isCausal": "true or false"}, (3, 4)),
}
