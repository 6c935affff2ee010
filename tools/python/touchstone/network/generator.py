"""Seeded weights, which are not stored: Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2,
3").

The generator counts: the value of an element depends on the seed, the tensor's name and the element's index only, so
that packages/network/src/generator.ts draws the same bits. key = (seed, CRC-32 of the name in UTF-8), counter = (block,
0, 0) with the block's low word first; word j of block b belongs to element 4b+j in row-major order. Of a word the upper
24 bits k give u = (2k+1−2²⁴)/2²⁴ in (−1,1), and an element is centre + half·u, computed in float64 and rounded to
float32.
"""

import zlib
from math import prod, sqrt

import numpy as np

from .faults import NetworkError

MAX_VALUES = 510 * 2**20
"""Most values of a network, as many as a weights.safetensors may hold."""

_MULTIPLIERS = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_WEYL = 0x9E3779B9, 0xBB67AE85
_ROUNDS = 10
_CHUNK = 2**16  # blocks at a time: as many as fit the processor's cache
_LOW = np.uint64(0xFFFFFFFF)
_WORD = np.uint64(32)

_STATISTICS = {"weight": (1, 0.5), "bias": (0, 0.3), "running_mean": (0, 0.4), "running_var": (1.2, 0.8)}
"""Of batch norms: (centre, half)."""


def philox(counter, key):
    """Four arrays of words, uint32 held as uint64, from `counter`, four such arrays, and `key`, two ints."""
    x0, x1, x2, x3 = counter
    k0, k1 = key
    for _ in range(_ROUNDS):
        a, b = _MULTIPLIERS[0] * x0, _MULTIPLIERS[1] * x2
        x0, x1, x2, x3 = (b >> _WORD) ^ x1 ^ np.uint64(k0), b & _LOW, (a >> _WORD) ^ x3 ^ np.uint64(k1), a & _LOW
        k0, k1 = (k0 + _WEYL[0]) & 0xFFFFFFFF, (k1 + _WEYL[1]) & 0xFFFFFFFF
    return x0, x1, x2, x3


def uniform(seed, name, size):
    """Yields the `size` values u of a name, in order, in arrays of float64."""
    key = seed, zlib.crc32(name.encode())
    for first in range(0, -(-size // 4), _CHUNK):
        block = np.arange(first, min(first + _CHUNK, -(-size // 4)), dtype=np.uint64)
        none = np.zeros_like(block)
        words = np.stack(philox((block & _LOW, block >> _WORD, none, none), key), axis=1).reshape(-1)
        yield (2.0 * (words >> np.uint64(8))[: size - 4 * first] + (1 - 2**24)) / 2**24


def draw(seed, name, shape, centre, half):
    """A float32 array of `shape`, uniform in centre ± half."""
    values = np.empty(tuple(shape), np.float32)
    flat, at = values.reshape(-1), 0
    for u in uniform(seed, name, flat.size):
        flat[at : at + u.size] = centre + half * u
        at += u.size
    return values


def draw_all(seed, tensors):
    """Name → float32 array, for `tensors`: name → (type of the leaf or "", local name, shape), in the same order.
    Raises NetworkError where there are more than MAX_VALUES.
    """
    values = sum(prod(shape) for _, _, shape in tensors.values())
    if values > MAX_VALUES:
        raise NetworkError(
            f"weights: {values} values would be drawn, at most {MAX_VALUES}; is a size in modules wrong?"
        )
    return {
        name: draw(seed, name, shape, *_spread(kind, local, shape)) for name, (kind, local, shape) in tensors.items()
    }


def _spread(kind, local, shape):
    """(centre, half). Of a weight with He's variance, 2/fan in. `kind` "": of a container, by the tensor's name."""
    he = (0, sqrt(6 / max(prod(shape[1:]), 1)))
    if kind == "BatchNorm2d":
        return _STATISTICS[local]
    if kind:
        return (-0.05, 0.2) if local == "bias" else he
    for name in ("running_mean", "running_var"):
        if local.endswith(name):
            return _STATISTICS[name]
    if local == "bias" or local.endswith(("_bias", ".bias")):
        return (-0.05, 0.2)
    if len(shape) >= 2 and local.endswith("weight"):
        return he
    return (1, 0.5) if len(shape) == 1 else (0, 0.3)
