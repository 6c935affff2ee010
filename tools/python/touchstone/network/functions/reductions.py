"""One value of many."""

import torch

from .registry import Unsupported, dim_of, dims_of, require

_INDICES = "the indices of the largest values depend on values; only the values are supported"


def _mean(e, input, dim=None, keepdim=False, *, dtype=None):
    require(dtype in (None, torch.float32), f"dtype {dtype} is not supported, only float32")
    dims = dims_of(dim, input)
    if input.dim() == 4 and sorted(dims) == [2, 3]:
        pooled = e("adaptive_avg_pool2d", input, outputSize=[1, 1])
        return pooled if keepdim else e("flatten", pooled, startDim=1, endDim=-1)
    return e("mean", input, dims=dims, keepdim=bool(keepdim))


def _sum(e, input, dim=None, keepdim=False, *, dtype=None):
    require(dtype in (None, torch.float32), f"dtype {dtype} is not supported, only float32")
    return e("sum", input, dims=dims_of(dim, input), keepdim=bool(keepdim))


def _amax(e, input, dim=(), keepdim=False):
    return e("amax", input, dims=dims_of(dim, input), keepdim=bool(keepdim))


def _amin(e, input, dim=(), keepdim=False):
    return e("mul", _amax(e, e("mul", input, -1), dim, keepdim), -1)


def _max(e, input, dim=None, keepdim=False):
    if isinstance(dim, torch.Tensor):
        return e("maximum", input, dim)
    if dim is None:
        return _amax(e, input)
    dim = dim_of(dim, input.dim())
    values = e("max", input, dim=dim, keepdim=bool(keepdim))
    indices = e.opaque(torch.max(input, dim, keepdim).indices, _INDICES)
    return torch.return_types.max((values, indices))


def _min(e, input, dim=None, keepdim=False):
    if isinstance(dim, torch.Tensor):
        return e("minimum", input, dim)
    if dim is None:
        return _amin(e, input)
    dim = dim_of(dim, input.dim())
    values = e("mul", e("max", e("mul", input, -1), dim=dim, keepdim=bool(keepdim)), -1)
    indices = e.opaque(torch.min(input, dim, keepdim).indices, _INDICES)
    return torch.return_types.min((values, indices))


def _norm(e, input, p="fro", dim=None, keepdim=False, out=None, dtype=None):
    require(p in ("fro", 2, 2.0, None), f"p={p!r} is not supported, only the Euclidean norm")
    return e("norm", input, dims=dims_of(dim, input), keepdim=bool(keepdim))


def _vector_norm(e, x, ord=2, dim=None, keepdim=False, *, dtype=None):
    return _norm(e, x, ord, dim, keepdim)


def _normalize(e, input, p=2.0, dim=1, eps=1e-12, out=None):
    norm = e("clamp", _norm(e, input, p, dim, True), min=float(eps), max=None)
    return e("div", input, norm)


def _cosine_similarity(e, x1, x2, dim=1, eps=1e-8):
    first, second = (_normalize(e, each, 2.0, dim, eps) for each in (x1, x2))
    return _sum(e, e("mul", first, second), dim)


def _pairwise_distance(e, x1, x2, p=2.0, eps=1e-6, keepdim=False):
    return _norm(e, e("add", e("sub", x1, x2), eps), p, -1, keepdim)


def _logsumexp(e, input, dim, keepdim=False):
    raise Unsupported("use log_softmax")


def _depends_on_values(name):
    def handler(e, input, *args, **kwargs):
        function = getattr(torch.Tensor, name, None) or getattr(torch, name)
        return e.opaque(function(input, *args, **kwargs), f"{name.strip('_')} depends on values, and has no gradient")

    return handler


_OF_VALUES = (
    *("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "eq", "ne", "lt", "le", "gt", "ge"),
    *("isnan", "isfinite", "any", "all", "argmax", "argmin"),
)

HANDLERS = {
    **{name: _depends_on_values(name) for name in _OF_VALUES},
    "mean": _mean,
    "sum": _sum,
    "amax": _amax,
    "amin": _amin,
    "max": _max,
    "min": _min,
    "norm": _norm,
    **dict.fromkeys(("linalg_vector_norm", "linalg_norm"), _vector_norm),
    "normalize": _normalize,
    "cosine_similarity": _cosine_similarity,
    "pairwise_distance": _pairwise_distance,
    "logsumexp": _logsumexp,
}
