"""Functions of two tensors, products of matrices, attention."""

import math

import torch

from .registry import Unsupported, require


def _add(e, input, other, *, alpha=1):
    return e("add", input, other if alpha == 1 else e("mul", other, alpha))


def _sub(e, input, other, *, alpha=1):
    return e("sub", input, other if alpha == 1 else e("mul", other, alpha))


def _rsub(e, input, other, *, alpha=1):
    return e("sub", other, input if alpha == 1 else e("mul", input, alpha))


def _mul(e, input, other):
    return e("mul", input, other)


def _div(e, input, other, *, rounding_mode=None):
    require(rounding_mode is None, f"rounding_mode {rounding_mode!r} is not supported")
    return e("div", input, other)


def _rdiv(e, input, other):
    return e("div", other, input)


def _reciprocal(e, input):
    return e("div", 1, input)


def _neg(e, input):
    return e("mul", input, -1)


def _maximum(e, input, other):
    return e("maximum", input, other)


def _minimum(e, input, other):
    return e("minimum", input, other)


def _matmul(e, input, other):
    return e("matmul", input, other)


def _rmatmul(e, input, other):
    return e("matmul", other, input)


def _addmm(e, input, mat1, mat2, *, beta=1, alpha=1):
    product = e("matmul", mat1, mat2)
    product = product if alpha == 1 else e("mul", product, alpha)
    return e("add", input if beta == 1 else e("mul", input, beta), product)


def _addcmul(e, input, tensor1, tensor2, *, value=1):
    product = e("mul", tensor1, tensor2)
    return e("add", input, product if value == 1 else e("mul", product, value))


def _attention(e, query, key, value, attn_mask=None, dropout_p=0.0, is_causal=False, scale=None, enable_gqa=False):
    require(dropout_p == 0.0, "dropout_p drops values in eval mode too; pass 0.0 where not self.training")
    require(not enable_gqa, "enable_gqa is not supported")
    scale = 1 / math.sqrt(query.shape[-1]) if scale is None else float(scale)
    mask = [] if attn_mask is None else [_as_added(e, attn_mask)]
    return e("scaled_dot_product_attention", query, key, value, *mask, scale=scale, isCausal=bool(is_causal))


def _as_added(e, mask):
    """A mask of booleans as what is added: 0, and −∞ where it is false."""
    if mask.dtype != torch.bool:
        return mask
    if e.is_traced(mask):
        raise Unsupported("its mask depends on values")
    return torch.zeros(mask.shape).masked_fill_(~mask, float("-inf"))


def _masked_fill(e, input, mask, value):
    """By a product and a sum, for a mask of constants."""
    require(not e.is_traced(mask), "its mask depends on values; use relu, clamp, maximum or a product")
    kept, value = (~mask.bool()).float(), max(float(value), torch.finfo(torch.float32).min)
    return e("add", e("mul", input, kept), torch.zeros(mask.shape).masked_fill_(mask.bool(), value))


def _where(e, condition, input=None, other=None):
    """`torch.where(condition, a, b)`, and `a.where(condition, b)`."""
    if condition.dtype != torch.bool:
        condition, input = input, condition
    require(not e.is_traced(condition), "its condition depends on values; use relu, clamp, maximum or a product")
    kept = condition.float()
    return e("add", e("mul", input, kept), e("mul", other, 1 - kept))


def _clone(e, input, *, memory_format=torch.preserve_format):
    return e.handed_on(input, input.clone(memory_format=memory_format))


def _contiguous(e, input, memory_format=torch.contiguous_format):
    if memory_format == torch.contiguous_format and not input.is_contiguous():
        return e("contiguous", input)  # attention gives other bits for other strides
    return e.handed_on(input, input.contiguous(memory_format=memory_format))


def _to(e, input, *args, **kwargs):
    result = input.to(*args, **kwargs)
    return _same_type(e, input, result)


def _float(e, input):
    return _same_type(e, input, input.float())


def _type_as(e, input, other):
    return _same_type(e, input, input.type_as(other))


def _type(e, input, dtype=None, **kwargs):
    return input.type() if dtype is None else _same_type(e, input, input.type(dtype, **kwargs))


def _device(e, input, *args, **kwargs):
    return _same_type(e, input, input.cpu())


def _same_type(e, input, result):
    require(result.dtype == torch.float32, f"its result is {result.dtype}; only float32 is supported")
    require(input.dtype == torch.float32, f"it reads {input.dtype}, which depends on values")
    return e.handed_on(input, result)


def _requires_grad_(e, input, requires_grad=True):
    return e.handed_on(input, input)


def _made(name):
    """A constant that takes its size and type from a traced tensor."""

    def handler(e, input, *args, **kwargs):
        source = torch.empty(input.shape, dtype=input.dtype)
        function = getattr(source, name, None) or getattr(torch, name)
        return function(*args, **kwargs) if hasattr(source, name) else function(source, *args, **kwargs)

    return handler


HANDLERS = {
    "add": _add,
    "radd": _add,
    **dict.fromkeys(("sub", "subtract"), _sub),
    **dict.fromkeys(("rsub", "__rsub__"), _rsub),
    **dict.fromkeys(("mul", "multiply", "rmul"), _mul),
    **dict.fromkeys(("div", "divide", "true_divide", "truediv"), _div),
    **dict.fromkeys(("rdiv", "rtruediv"), _rdiv),
    "reciprocal": _reciprocal,
    **dict.fromkeys(("neg", "negative"), _neg),
    "maximum": _maximum,
    "minimum": _minimum,
    **dict.fromkeys(("matmul", "bmm", "mm", "mv", "dot", "linalg_matmul"), _matmul),
    "rmatmul": _rmatmul,
    **dict.fromkeys(("addmm", "baddbmm", "addbmm"), _addmm),
    "addcmul": _addcmul,
    "scaled_dot_product_attention": _attention,
    "masked_fill": _masked_fill,
    "where": _where,
    "clone": _clone,
    "contiguous": _contiguous,
    "to": _to,
    "float": _float,
    "type_as": _type_as,
    "type": _type,
    **dict.fromkeys(("cpu", "cuda"), _device),
    "requires_grad_": _requires_grad_,
    **{name: _made(name) for name in ("new_zeros", "new_ones", "new_full", "new_empty", "new_tensor")},
    **{name: _made(name) for name in ("zeros_like", "ones_like", "full_like", "empty_like")},
}
