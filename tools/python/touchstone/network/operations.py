"""Everything that `network.json` can express: the leaves, the functions, and the kinds of their attributes.

The same tables as `leafAttributes` and `opAttributes` of `packages/contract/src/domain/`. An attribute is PyTorch's
keyword in camelCase, so that a leaf is built by `getattr(torch.nn, type)(**keywords(attributes))`.
"""

import math
import re

from .faults import NetworkError

_LARGEST = 1_000_000
_LARGEST_EXTENT = 4096  # of kernels, strides, paddings, crops


def _is_int(value, low, high=_LARGEST):
    return type(value) is int and low <= value <= high


def _is_extent(value):
    return _is_int(value, 0, _LARGEST_EXTENT)


def _is_list(value, length, holds):
    return isinstance(value, list) and len(value) == length and all(holds(item) for item in value)


_KINDS = {
    "size": lambda v: _is_int(v, 0),
    "extent": lambda v: _is_int(v, 1, _LARGEST_EXTENT),
    "count": lambda v: _is_int(v, 1),
    "count or null": lambda v: v is None or _is_int(v, 1),
    "dimension": lambda v: _is_int(v, -_LARGEST),
    "true or false": lambda v: type(v) is bool,
    "number": lambda v: type(v) in (int, float) and math.isfinite(v),
    "pair of sizes": lambda v: _is_list(v, 2, _is_extent),
    "pair of sizes or nulls": lambda v: _is_list(v, 2, lambda item: item is None or _is_extent(item)),
    "three sizes": lambda v: _is_list(v, 3, lambda item: _is_int(item, 0)),
    "four sizes": lambda v: _is_list(v, 4, _is_extent),
}

_POOL = {
    "kernelSize": "pair of sizes",
    "stride": "pair of sizes",
    "padding": "pair of sizes",
    "ceilMode": "true or false",
}
_MAX_POOL = {**_POOL, "dilation": "pair of sizes"}
_AVG_POOL = {**_POOL, "countIncludePad": "true or false", "divisorOverride": "count or null"}
_ADAPTIVE = {"outputSize": "pair of sizes or nulls"}
_FLATTEN = {"startDim": "dimension", "endDim": "dimension"}
_INPLACE = {"inplace": "true or false"}

LEAVES = {
    "Conv2d": {
        "inChannels": "size",
        "outChannels": "size",
        "kernelSize": "pair of sizes",
        "stride": "pair of sizes",
        "padding": "pair of sizes",
        "dilation": "pair of sizes",
        "groups": "count",
        "bias": "true or false",
    },
    "Linear": {"inFeatures": "size", "outFeatures": "size", "bias": "true or false"},
    "BatchNorm2d": {"numFeatures": "size", "eps": "number", "affine": "true or false"},
    "ReLU": _INPLACE,
    "ReLU6": _INPLACE,
    "MaxPool2d": _MAX_POOL,
    "AvgPool2d": _AVG_POOL,
    "AdaptiveAvgPool2d": _ADAPTIVE,
    "ZeroPad2d": {"padding": "four sizes"},
    "Dropout": {"p": "number", "inplace": "true or false"},
    "Flatten": _FLATTEN,
    "Identity": {},
}

OPS = {
    "add": {},
    "cat": {"dim": "dimension"},
    "relu": _INPLACE,
    "relu6": _INPLACE,
    "max_pool2d": _MAX_POOL,
    "avg_pool2d": _AVG_POOL,
    "adaptive_avg_pool2d": _ADAPTIVE,
    "flatten": _FLATTEN,
    "dropout": _INPLACE,
}

SUPPORTED = f"supported modules: {', '.join(LEAVES)}; supported functions: {', '.join(OPS)}"


def check_attributes(fields, attributes, where):
    """Raises NetworkError unless `attributes` has exactly the `fields`, each of its kind."""
    if not isinstance(attributes, dict) or set(attributes) != set(fields):
        raise NetworkError(f"{where}: attributes must be exactly {sorted(fields)}, found {attributes!r}")
    for name, kind in fields.items():
        if not _KINDS[kind](attributes[name]):
            raise NetworkError(f"{where}: attribute {name} must be a {kind}, found {attributes[name]!r}")


def keywords(attributes):
    """PyTorch's keyword arguments: snake_case, tuples for lists."""
    return {
        re.sub(r"[A-Z]", lambda capital: "_" + capital[0].lower(), name): tuple(value)
        if isinstance(value, list)
        else value
        for name, value in attributes.items()
    }
