"""Everything that `network.json` can express: the leaves, the functions (`ops/`), and the kinds of their attributes.

The same tables as `leafAttributes` and `opAttributes` of `packages/contract/src/domain/`. An attribute is PyTorch's
keyword in camelCase, so that a leaf is built by `getattr(torch.nn, type)(**keywords(attributes))`.
"""

import math
import re

from .faults import NetworkError
from .ops import TABLE
from .ops.shape import FLATTEN
from .ops.windows import ADAPTIVE, AVG_POOL, MAX_POOL

_LARGEST = 1_000_000
_LARGEST_EXTENT = 4096  # of kernels, strides, paddings, crops
MOST_DIMENSIONS = 8
_MOST_INDICES = 2**20
_SCALES = 2.0**-12, 2.0**12


def _is_int(value, low, high=_LARGEST):
    return type(value) is int and low <= value <= high


def _is_extent(value):
    return _is_int(value, 0, _LARGEST_EXTENT)


def _is_list(value, length, holds):
    return isinstance(value, list) and len(value) == length and all(holds(item) for item in value)


def _is_shape_size(value):
    return _is_int(value, -1)


def _is_margin(value):
    return _is_int(value, -_LARGEST_EXTENT, _LARGEST_EXTENT)


def _is_number(value):
    return type(value) in (int, float) and math.isfinite(value)


def _is_some(value, holds, least=0, most=MOST_DIMENSIONS):
    return isinstance(value, list) and least <= len(value) <= most and all(holds(item) for item in value)


def _is_axis(value):
    return _is_int(value, 0, MOST_DIMENSIONS - 1)


def _are_dimensions(value, least):
    return _is_some(value, _is_axis, least) and len({*value}) == len(value)


def _is_scale(value):
    return _is_number(value) and _SCALES[0] <= value <= _SCALES[1]


_KINDS = {
    "size": lambda v: _is_int(v, 0),
    "extent": lambda v: _is_int(v, 1, _LARGEST_EXTENT),
    "count": lambda v: _is_int(v, 1),
    "count or null": lambda v: v is None or _is_int(v, 1),
    "dimension": lambda v: _is_int(v, -_LARGEST),
    "true or false": lambda v: type(v) is bool,
    "number": _is_number,
    "number of at least 0": lambda v: _is_number(v) and v >= 0,
    "number above 0": lambda v: _is_number(v) and v > 0,
    "number other than 0": lambda v: _is_number(v) and v != 0,
    "axis": _is_axis,
    "pair of sizes": lambda v: _is_list(v, 2, _is_extent),
    "pair of counts": lambda v: _is_list(v, 2, lambda item: _is_extent(item) and item > 0),
    "pair of counts or nulls": lambda v: _is_list(v, 2, lambda item: item is None or (_is_extent(item) and item > 0)),
    "three sizes": lambda v: _is_list(v, 3, lambda item: _is_int(item, 0)),
    "four sizes": lambda v: _is_list(v, 4, _is_extent),
    "number or null": lambda v: v is None or _is_number(v),
    "pair of scales or null": lambda v: v is None or _is_list(v, 2, _is_scale),
    "sizes": lambda v: _is_some(v, lambda item: _is_int(item, 0)),
    "counts": lambda v: _is_some(v, lambda item: _is_int(item, 1), 1),
    "indices": lambda v: _is_some(v, lambda item: _is_int(item, 0), 1, _MOST_INDICES),
    "integers": lambda v: _is_some(v, lambda item: type(item) is int),
    "dimensions": lambda v: _are_dimensions(v, 0),
    "dimensions, at least one": lambda v: _are_dimensions(v, 1),
    "margins": lambda v: _is_some(v, _is_margin, 2, 2 * MOST_DIMENSIONS) and len(v) % 2 == 0,
    "number or infinity": lambda v: v in ("Infinity", "-Infinity") or _is_number(v),
    "shape of at most 8 sizes": lambda v: _is_some(v, _is_shape_size) and v.count(-1) <= 1,
    "expansion to at most 8 sizes": lambda v: (
        _is_some(v, lambda item: item is None or _is_shape_size(item)) and v.count(None) <= 1
    ),
}

_INPLACE = {"inplace": "true or false"}

LEAVES = {
    "Conv2d": {
        "inChannels": "size",
        "outChannels": "size",
        "kernelSize": "pair of counts",
        "stride": "pair of counts",
        "padding": "pair of sizes",
        "dilation": "pair of counts",
        "groups": "count",
        "bias": "true or false",
    },
    "Linear": {"inFeatures": "size", "outFeatures": "size", "bias": "true or false"},
    "BatchNorm2d": {"numFeatures": "size", "eps": "number", "affine": "true or false"},
    "ReLU": _INPLACE,
    "ReLU6": _INPLACE,
    "MaxPool2d": MAX_POOL,
    "AvgPool2d": AVG_POOL,
    "AdaptiveAvgPool2d": ADAPTIVE,
    "ZeroPad2d": {"padding": "four sizes"},
    "Dropout": {"p": "number", "inplace": "true or false"},
    "Flatten": FLATTEN,
    "Identity": {},
}

OPS = {name: op.attributes for name, op in TABLE.items()}

SUPPORTED = f"supported modules: {', '.join(LEAVES)}; supported functions: {', '.join(OPS)}"


def check_attributes(fields, attributes, where):
    """Raises NetworkError unless `attributes` has exactly the `fields`, each of its kind."""
    if not isinstance(attributes, dict) or set(attributes) != set(fields):
        raise NetworkError(f"{where}: attributes must be exactly {sorted(fields)}, found {attributes!r}")
    for name, kind in fields.items():
        fits = attributes[name] in kind if isinstance(kind, tuple) else _KINDS[kind](attributes[name])
        if not fits:
            words = f"one of {', '.join(kind)}" if isinstance(kind, tuple) else f"a {kind}"
            raise NetworkError(f"{where}: attribute {name} must be {words}, found {attributes[name]!r}")


def keywords(attributes):
    """PyTorch's keyword arguments: snake_case, tuples for lists."""
    return {
        re.sub(r"[A-Z]", lambda capital: "_" + capital[0].lower(), name): tuple(value)
        if isinstance(value, list)
        else value
        for name, value in attributes.items()
    }
