"""How a golden keeps its numbers. Large stages of a `sampled` case: every n-th value, as one row; see
GoldenMeta.sampled in packages/contract/src/domain/. All numbers: in float32 where that is as good as float64.
"""

import math

MAX_VALUES = 4096
"""Stages with more values are sampled."""


def samplings(stages):
    """Stage → {"shape", "every"} of the large ones: n is the smallest prime that leaves at most MAX_VALUES."""
    return {
        name: {"shape": list(t.shape), "every": _next_prime(math.ceil(t.numel() / MAX_VALUES))}
        for name, t in stages.items()
        if t.numel() > MAX_VALUES
    }


def keep(stages, sampled):
    """The stages as they are stored: sampled ones as the row of their values at 0, n, 2n, … in NCHW order."""
    return {name: t.flatten()[:: sampled[name]["every"]] if name in sampled else t for name, t in stages.items()}


def narrowed(t):
    """float32, where that rounds each number by at most u = 2⁻²⁴ of itself: a golden is compared at 32u. Else float64,
    for numbers that float32 cannot hold.
    """
    rounded = t.float()
    return rounded if ((rounded.double() - t).abs() <= 2**-24 * t.abs()).all() else t.double()


def _next_prime(n):
    while any(n % divisor == 0 for divisor in range(2, math.isqrt(n) + 1)):
        n += 1
    return max(n, 2)
