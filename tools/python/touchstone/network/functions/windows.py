"""Convolutions, poolings, padding, resizing, linear layers. In one dimension they are those of height 1."""

import math

from ..leaves import pair, pool
from .registry import Unsupported, require


def _linear(e, input, weight, bias=None):
    return e("linear", input, weight, *_given(bias))


def _given(bias):
    return [] if bias is None else [bias]


def _conv2d(e, input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    require(input.dim() == 4, "only [images, channels, height, width] is supported")
    input, padding = _padded(e, input, pair(padding), weight.shape[2:], pair(dilation))
    return e(
        "conv2d", input, weight, *_given(bias),
        stride=pair(stride), padding=padding, dilation=pair(dilation), groups=int(groups),
    )  # fmt: skip


def _padded(e, input, padding, kernel, dilation):
    """'same' with an uneven total pads one more at the end, as PyTorch does."""
    if not isinstance(padding[0], str):
        return input, [int(each) for each in padding]
    if padding[0] == "valid":
        return input, [0, 0]
    totals = [by * (size - 1) for by, size in zip(dilation, kernel, strict=True)]
    more = [total % 2 for total in totals]
    if any(more):
        input = e("pad", input, padding=[0, more[1], 0, more[0]], mode="constant", value=0.0)
    return input, [total // 2 for total in totals]


def _wide(e, x):
    """[…, L] as […, 1, L]."""
    return e("reshape", x, shape=[*x.shape[:-1], 1, x.shape[-1]])


def _narrow(e, x):
    return e("reshape", x, shape=[*x.shape[:-2], x.shape[-1]])


def _one(value):
    return value[0] if isinstance(value, (tuple, list)) else value


def _conv1d(e, input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    require(input.dim() == 3, "only [images, channels, length] is supported")
    padding = padding if isinstance(padding, str) else [0, _one(padding)]
    stride, dilation = [1, _one(stride)], [1, _one(dilation)]
    return _narrow(e, _conv2d(e, _wide(e, input), _wide(e, weight), bias, stride, padding, dilation, groups))


def _conv_transpose2d(e, input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    require(input.dim() == 4, "only [images, channels, height, width] is supported")
    return e(
        "conv_transpose2d", input, weight, *_given(bias), stride=pair(stride), padding=pair(padding),
        outputPadding=pair(output_padding), dilation=pair(dilation), groups=int(groups),
    )  # fmt: skip


def _conv_transpose1d(e, input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    geometry = [1, _one(stride)], [0, _one(padding)], [0, _one(output_padding)], groups, [1, _one(dilation)]
    return _narrow(e, _conv_transpose2d(e, _wide(e, input), _wide(e, weight), bias, *geometry))


def _max_pool2d(e, input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
    require(not return_indices, "return_indices is not known")
    attributes = pool(kernel_size, stride, padding, ceil_mode)
    return e("max_pool2d", input, **attributes, dilation=pair(dilation))


def _avg_pool2d(
    e, input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None
):
    attributes = pool(kernel_size, stride, padding, ceil_mode)
    counted = {"countIncludePad": bool(count_include_pad), "divisorOverride": divisor_override}
    return e("avg_pool2d", input, **attributes, **counted)


def _window(kernel_size, stride, padding):
    stride = kernel_size if stride is None or stride == [] else stride
    return [1, _one(kernel_size)], [1, _one(stride)], [0, _one(padding)]


def _max_pool1d(e, input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
    require(not return_indices, "return_indices is not known")
    window = _window(kernel_size, stride, padding)
    return _narrow(e, _max_pool2d(e, _wide(e, input), *window, [1, _one(dilation)], ceil_mode))


def _avg_pool1d(e, input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True):
    window = _window(kernel_size, stride, padding)
    return _narrow(e, _avg_pool2d(e, _wide(e, input), *window, ceil_mode, count_include_pad))


def _adaptive_avg_pool2d(e, input, output_size):
    return e("adaptive_avg_pool2d", input, outputSize=pair(output_size))


def _adaptive_avg_pool1d(e, input, output_size):
    return _narrow(e, _adaptive_avg_pool2d(e, _wide(e, input), [1, _one(output_size)]))


def _adaptive_max_pool2d(e, input, output_size, return_indices=False):
    require(not return_indices, "return_indices is not known")
    return e("adaptive_max_pool2d", input, outputSize=pair(output_size))


def _adaptive_max_pool1d(e, input, output_size, return_indices=False):
    require(not return_indices, "return_indices is not known")
    return _narrow(e, _adaptive_max_pool2d(e, _wide(e, input), [1, _one(output_size)]))


def _interpolate(
    e, input, size=None, scale_factor=None, mode="nearest", align_corners=None, recompute_scale_factor=None,
    antialias=False,
):  # fmt: skip
    require(not antialias, "antialias is not supported")
    if input.dim() == 3:
        require(mode in ("nearest", "nearest-exact", "linear"), f"mode {mode!r} is not supported here")
        size = None if size is None else [1, int(_one(size))]
        scale_factor = None if scale_factor is None else [1.0, float(_one(scale_factor))]
        mode = "bilinear" if mode == "linear" else mode
        wide = _wide(e, input)
        return _narrow(e, _interpolate(e, wide, size, scale_factor, mode, align_corners, recompute_scale_factor))
    if mode == "area":
        return _adaptive_avg_pool2d(e, input, size or _scaled(input, pair(scale_factor)))
    require(mode in ("nearest", "nearest-exact", "bilinear", "bicubic"), f"mode {mode!r} is not supported")
    scales = None
    if size is None:
        scales = [float(each) for each in pair(scale_factor)]
        size = _scaled(input, scales)
        scales = None if recompute_scale_factor else scales
    size = [int(each) for each in pair(size)]
    return e("interpolate", input, size=size, scales=scales, mode=mode, alignCorners=bool(align_corners))


def _scaled(input, scales):
    return [math.floor(size * scale) for size, scale in zip(input.shape[2:], scales, strict=True)]


def _upsample(e, input, size=None, scale_factor=None, mode="nearest", align_corners=None):
    return _interpolate(e, input, size, scale_factor, mode, align_corners)


def _upsample_nearest(e, input, size=None, scale_factor=None):
    return _interpolate(e, input, size, scale_factor)


def _upsample_bilinear(e, input, size=None, scale_factor=None):
    return _interpolate(e, input, size, scale_factor, "bilinear", True)


def _pad(e, input, pad, mode="constant", value=None):
    if mode not in ("constant", "reflect", "replicate", "circular"):
        raise Unsupported(f"mode {mode!r} is not supported")
    value = float(value or 0)
    written = value if math.isfinite(value) else "Infinity" if value > 0 else "-Infinity"
    return e("pad", input, padding=[int(each) for each in pad], mode=mode, value=written)


def _with_indices(e, input, *args, **kwargs):
    raise Unsupported("return_indices is not known")


HANDLERS = {
    **{f"{name}_with_indices": _with_indices for name in ("max_pool2d", "max_pool1d", "adaptive_max_pool2d")},
    "linear": _linear,
    "conv2d": _conv2d,
    "conv1d": _conv1d,
    "conv_transpose2d": _conv_transpose2d,
    "conv_transpose1d": _conv_transpose1d,
    "max_pool2d": _max_pool2d,
    "max_pool1d": _max_pool1d,
    "avg_pool2d": _avg_pool2d,
    "avg_pool1d": _avg_pool1d,
    "adaptive_avg_pool2d": _adaptive_avg_pool2d,
    "adaptive_avg_pool1d": _adaptive_avg_pool1d,
    "adaptive_max_pool2d": _adaptive_max_pool2d,
    "adaptive_max_pool1d": _adaptive_max_pool1d,
    "interpolate": _interpolate,
    "upsample": _upsample,
    "upsample_nearest": _upsample_nearest,
    "upsample_bilinear": _upsample_bilinear,
    "pad": _pad,
    "constant_pad_nd": lambda e, input, pad, value=0: _pad(e, input, pad, value=value),
}
