"""Convolutions, poolings, padding, resizing, and linear layers."""

from .op import Op, aten, optional

_POOL = {
    "kernelSize": "pair of counts",
    "stride": "pair of counts",
    "padding": "pair of sizes",
    "ceilMode": "true or false",
}
MAX_POOL = {**_POOL, "dilation": "pair of counts"}
AVG_POOL = {**_POOL, "countIncludePad": "true or false", "divisorOverride": "count or null"}
ADAPTIVE = {"outputSize": "pair of counts or nulls"}
_CONV = {"stride": "pair of counts", "padding": "pair of sizes", "dilation": "pair of counts", "groups": "count"}


def _conv2d(tensors, a):
    geometry = a["stride"], a["padding"], a["dilation"], a["groups"]
    return aten.conv2d(*optional(tensors, 3), *geometry)


def _conv_transpose2d(tensors, a):
    geometry = a["stride"], a["padding"], a["outputPadding"], a["groups"], a["dilation"]
    return aten.conv_transpose2d.input(*optional(tensors, 3), *geometry)


def max_pool2d(tensors, a):
    return aten.max_pool2d(*tensors, a["kernelSize"], a["stride"], a["padding"], a["dilation"], a["ceilMode"])


def avg_pool2d(tensors, a):
    divisor = a["countIncludePad"], a["divisorOverride"]
    return aten.avg_pool2d(*tensors, a["kernelSize"], a["stride"], a["padding"], a["ceilMode"], *divisor)


def _size(x, a):
    return [own if given is None else given for given, own in zip(a["outputSize"], x.shape[2:], strict=True)]


def adaptive_avg_pool2d(tensors, a):
    return aten.adaptive_avg_pool2d(tensors[0], _size(tensors[0], a))


def _interpolate(tensors, a):
    scales = a["scales"] or [None, None]
    if a["mode"] in ("bilinear", "bicubic"):
        function = aten.upsample_bilinear2d if a["mode"] == "bilinear" else aten.upsample_bicubic2d
        return function.default(*tensors, a["size"], a["alignCorners"], *scales)
    function = aten.upsample_nearest2d if a["mode"] == "nearest" else aten._upsample_nearest_exact2d
    return function.default(*tensors, a["size"], *scales)


def _pad(tensors, a):
    return aten.pad(*tensors, a["padding"], a["mode"], float(a["value"]) if a["mode"] == "constant" else None)


OPS = {
    "conv2d": Op(_conv2d, _CONV, (2, 3), 4),
    "conv_transpose2d": Op(_conv_transpose2d, {**_CONV, "outputPadding": "pair of sizes"}, (2, 3), 4),
    "linear": Op(lambda tensors, a: aten.linear(*optional(tensors, 3)), {}, (2, 3)),
    "max_pool2d": Op(max_pool2d, MAX_POOL, dimensions=4),
    "avg_pool2d": Op(avg_pool2d, AVG_POOL, dimensions=4),
    "adaptive_avg_pool2d": Op(adaptive_avg_pool2d, ADAPTIVE, dimensions=4),
    "adaptive_max_pool2d": Op(
        lambda tensors, a: aten.adaptive_max_pool2d(tensors[0], _size(tensors[0], a))[0], ADAPTIVE, dimensions=4
    ),
    "interpolate": Op(
        _interpolate,
        {
            "size": "pair of counts",
            "scales": "pair of scales or null",
            "mode": ("nearest", "nearest-exact", "bilinear", "bicubic"),
            "alignCorners": "true or false",
        },
        dimensions=4,
    ),
    "pad": Op(
        _pad,
        {
            "padding": "margins",
            "mode": ("constant", "reflect", "replicate", "circular"),
            "value": "number or infinity",
        },
    ),
}
