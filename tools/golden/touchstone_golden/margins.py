"""The distance of a case to its nearest switch point, and the units float32 may put on the other side; see
docs/formats.md.
"""

from dataclasses import dataclass

import torch
from torch.nn import functional as F

SAFETY = 4
"""A unit is at risk within this many times the root mean square of |float32 − float64| in its map."""
SMALL_MAP = 64
"""For maps with fewer positions, all maps of the image count together: a few errors give no estimate."""


@dataclass
class Unit:
    """A unit at risk: element `index` of a call's input (ReLU) or output (pool). `nudge` puts it on its other side; see
    `watch`.
    """

    module: str
    call: int
    index: int
    nudge: tuple[int, int, float]
    crossed: bool
    """Whether float32 has it on its other side."""


def margins(exact, single, relu_has_switch_point):
    """Smallest relative distance of the ReLUs and of the pools to a switch point (None: there is none), and the units
    at risk.

    `exact` and `single`: the SwitchCalls of the same passes in float64 and in float32.
    """
    smallest = {"relu": None, "pool": None}
    units = []
    for ordinal, (wide, narrow) in enumerate(zip(exact, single, strict=True)):
        if wide.input.isnan().any():
            raise ValueError(f"{wide.module}: NaN in the input")
        kind = "pool" if wide.pool else "relu"
        distance, other, moved = (_pool if wide.pool else _relu)(wide, narrow)
        largest = wide.input.abs().flatten(1).amax(1).clamp(min=1e-300)
        relative = distance / largest.reshape(-1, *[1] * (distance.dim() - 1))
        if relative.numel() and relative.min().isfinite():
            smallest[kind] = min(float(relative.min()), smallest[kind] if smallest[kind] is not None else float("inf"))
        if wide.gradient is None or (kind == "relu" and not relu_has_switch_point):
            continue
        risk = ((distance <= SAFETY * _spread(narrow.input.double() - wide.input)) & distance.isfinite() | moved) & (
            wide.gradient != 0
        )
        for index in risk.flatten().nonzero().flatten().tolist():
            element, value = other(index)
            units.append(Unit(wide.module, wide.call, index, (ordinal, element, value), bool(moved.flatten()[index])))
    return smallest, units


def _spread(error):
    """Root mean square over each map, or over each image where maps are small; shaped to broadcast."""
    dims = (2, 3) if error.dim() == 4 and error.shape[2] * error.shape[3] >= SMALL_MAP else tuple(range(1, error.dim()))
    return error.square().mean(dims, keepdim=True).sqrt()


def _relu(wide, narrow):
    """Distance of each unit to its nearest switch point (∞: exactly on it in both precisions), how to cross it, and
    where float32 has crossed it.
    """
    x, y = wide.input, narrow.input.double()
    points = [0.0] if wide.ceiling == float("inf") else [0.0, wide.ceiling]
    distances = torch.stack([torch.where((x == k) & (y == k), float("inf"), (x - k).abs()) for k in points])
    nearest, which = distances.min(0)
    crossed = torch.stack([(x > k) != (y > k) if k == 0 else (x < k) != (y < k) for k in points]).any(0)

    def other(index):
        value, point = x.flatten()[index], points[which.flatten()[index]]
        inside = value > 0 and value < wide.ceiling
        towards = torch.tensor(1.0 if point == 0 else 0.0, dtype=x.dtype)
        return index, point if inside else float(torch.nextafter(torch.tensor(point, dtype=x.dtype), towards))

    return nearest, other, crossed


def _pool(wide, narrow):
    """Lead of each window's maximum over the largest value below it, how the runner-up wins, and where float32 has
    another winner.
    """
    windows, positions = _windows(wide.input, wide.shape, wide.pool)
    single, _ = _windows(narrow.input, wide.shape, wide.pool)
    top = windows.amax(-1, keepdim=True)
    below = windows.masked_fill(windows == top, -float("inf"))
    second, runner = below.max(-1)
    lead = top[..., 0] - second  # ∞ where all values of the window are equal, or padding
    winner, elsewhere = _first_maximum(windows), _first_maximum(single)
    moved = winner != elsewhere
    runner = torch.where(moved, elsewhere, runner)

    def other(index):
        n, c, i, j = (int(k) for k in torch.unravel_index(torch.tensor(index), runner.shape))
        position = int(positions[i, j, runner[n, c, i, j]])
        height, width = wide.input.shape[2:]
        above = torch.nextafter(top[n, c, i, j, 0], torch.tensor(float("inf"), dtype=top.dtype))
        return (n * wide.input.shape[1] + c) * height * width + position, float(above)

    return torch.where(moved & (windows.gather(-1, elsewhere[..., None]) == top)[..., 0], 0.0, lead), other, moved


def _first_maximum(windows):
    return (windows == windows.amax(-1, keepdim=True)).int().argmax(-1)


def _windows(x, shape, pool):
    """The values of each window, [N,C,h,w,k] (padding is −∞), and their positions in the plane, [h,w,k]."""
    kernel, padding, dilation = (
        _pair(pool.get(k, d)) for k, d in (("kernel_size", None), ("padding", 0), ("dilation", 1))
    )
    stride = _pair(pool.get("stride") or kernel)
    rows, columns = (
        torch.arange(shape[2 + d])[:, None] * stride[d] + torch.arange(kernel[d]) * dilation[d] for d in (0, 1)
    )
    grow = [max(0, int(r.max()) + 1 - padding[d] - x.shape[2 + d]) for d, r in enumerate((rows, columns))]
    padded = F.pad(x.double(), (padding[1], grow[1], padding[0], grow[0]), value=-float("inf"))
    i, j = rows[:, None, :, None], columns[None, :, None, :]
    position = (i - padding[0]) * x.shape[3] + (j - padding[1])
    return padded[:, :, i, j].flatten(4), position.expand(*shape[2:], *kernel).flatten(2)


def _pair(value):
    return tuple(value) if isinstance(value, (tuple, list)) else (value, value)
