"""Functions of each value."""

import math

import torch

from .registry import Unsupported, dim_of, require


def _simple(op):
    def handler(e, input, inplace=False):
        return e.in_place(input, e(op, input), inplace)

    return handler


def _relu(e, input, inplace=False):
    if inplace and not e.has_own_memory(input):
        return e.in_place(input, e("relu", input, inplace=False))
    return e("relu", input, inplace=bool(inplace))


def _relu_(e, input):
    return _relu(e, input, True)


def _relu6(e, input, inplace=False):
    if inplace and not e.has_own_memory(input):
        return e.in_place(input, e("relu6", input, inplace=False))
    return e("relu6", input, inplace=bool(inplace))


def _gelu(e, input, approximate="none"):
    return e("gelu", input, approximate=approximate)


def _leaky_relu(e, input, negative_slope=0.01, inplace=False):
    return e.in_place(input, e("leaky_relu", input, negativeSlope=float(negative_slope)), inplace)


def _rrelu(e, input, lower=1 / 8, upper=1 / 3, training=False, inplace=False):
    require(not training, "it is random; pass training=self.training")
    return _leaky_relu(e, input, (lower + upper) / 2, inplace)


def _elu(e, input, alpha=1.0, inplace=False):
    return e.in_place(input, e("elu", input, alpha=float(alpha)), inplace)


def _celu(e, input, alpha=1.0, inplace=False):
    return e.in_place(input, e("celu", input, alpha=float(alpha)), inplace)


def _softplus(e, input, beta=1, threshold=20):
    return e("softplus", input, beta=float(beta), threshold=float(threshold))


def _hardtanh(e, input, min_val=-1.0, max_val=1.0, inplace=False):
    return e.in_place(input, e("hardtanh", input, minVal=float(min_val), maxVal=float(max_val)), inplace)


def _clamp(e, input, min=None, max=None):
    if isinstance(min, torch.Tensor) and min.dim() or isinstance(max, torch.Tensor) and max.dim():
        input = input if min is None else e("maximum", input, min)
        return input if max is None else e("minimum", input, max)
    return e("clamp", input, min=_bound(min), max=_bound(max))


def _bound(value):
    value = None if value is None else float(value)
    return None if value is None or math.isinf(value) else value


def _clamp_min(e, input, min):
    return _clamp(e, input, min)


def _clamp_max(e, input, max):
    return _clamp(e, input, None, max)


def _threshold(e, input, threshold, value, inplace=False):
    return e.in_place(input, e("threshold", input, threshold=float(threshold), value=float(value)), inplace)


def _pow(e, input, exponent):
    if isinstance(exponent, torch.Tensor) and exponent.dim() == 0 and not e.is_traced(exponent):
        exponent = exponent.item()
    if isinstance(exponent, torch.Tensor) or isinstance(input, (int, float)):
        raise Unsupported("only a power with a number as exponent is supported")
    return e("pow", input, exponent=exponent if isinstance(exponent, int) else float(exponent))


def _square(e, input):
    return e("mul", input, input)


def _softmax_of(op):
    def handler(e, input, dim=None, dtype=None, *, _stacklevel=3):
        require(dtype in (None, torch.float32), f"dtype {dtype} is not supported, only float32")
        require(dim is not None, "give it dim")
        return e(op, input, dim=dim_of(dim, input.dim()))

    return handler


def _nn_softmax_of(op):
    """torch.nn.functional's has `_stacklevel` before `dtype`."""
    handler = _softmax_of(op)

    def of_functional(e, input, dim=None, _stacklevel=3, dtype=None):
        if isinstance(_stacklevel, torch.dtype):
            dtype = _stacklevel
        return handler(e, input, dim, dtype)

    return of_functional


def _softmin(e, input, dim=None, _stacklevel=3, dtype=None):
    return _softmax_of("softmax")(e, e("mul", input, -1), dim, dtype)


def _prelu(e, input, weight):
    return e("prelu", input, weight)


def _glu(e, input, dim=-1):
    dim = dim_of(dim, input.dim())
    half = input.shape[dim] // 2
    a = e("slice", input, dim=dim, start=0, end=half, step=1)
    b = e("slice", input, dim=dim, start=half, end=2 * half, step=1)
    return e("mul", a, e("sigmoid", b))


def _dropout(e, input, p=0.5, training=True, inplace=False):
    require(not training, "it drops values in eval mode too; pass training=self.training")
    return e("dropout", input, inplace=bool(inplace))


def _dropout_off_by_default(e, input, p=0.5, training=False, inplace=False):
    return _dropout(e, input, p, training, inplace)


_SAME_NAME = (
    *("sigmoid", "silu", "hardswish", "hardsigmoid", "tanh", "mish", "selu"),
    *("exp", "log", "sqrt", "rsqrt", "abs", "erf"),
)

HANDLERS = {
    **{name: _simple(name) for name in _SAME_NAME},
    "absolute": _simple("abs"),
    "expit": _simple("sigmoid"),
    "special_expit": _simple("sigmoid"),
    "logsigmoid": _simple("logsigmoid"),
    "log_sigmoid": _simple("logsigmoid"),
    "relu": _relu,
    "relu_": _relu_,
    "relu6": _relu6,
    "gelu": _gelu,
    "leaky_relu": _leaky_relu,
    "rrelu": _rrelu,
    "elu": _elu,
    "celu": _celu,
    "softplus": _softplus,
    "hardtanh": _hardtanh,
    "clamp": _clamp,
    "clip": _clamp,
    "clamp_min": _clamp_min,
    "clamp_max": _clamp_max,
    "threshold": _threshold,
    "pow": _pow,
    "square": _square,
    "softmax": _nn_softmax_of("softmax"),
    "log_softmax": _nn_softmax_of("log_softmax"),
    "special_softmax": _softmax_of("softmax"),
    "softmin": _softmin,
    "prelu": _prelu,
    "glu": _glu,
    **dict.fromkeys(("dropout", "dropout1d", "dropout2d", "dropout3d"), _dropout),
    **dict.fromkeys(("alpha_dropout", "feature_alpha_dropout"), _dropout_off_by_default),
}
