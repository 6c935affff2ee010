"""A row of the table of functions."""

from collections.abc import Callable
from dataclasses import dataclass, field


class _Aten:
    """`torch.ops.aten`, looked up when an operator runs: descriptions are read without PyTorch too."""

    def __getattr__(self, name):
        import torch

        return getattr(torch.ops.aten, name)


aten = _Aten()


@dataclass(frozen=True)
class Op:
    """`run(tensors, attributes)`: one tensor, by the operators below torch.nn, so that its bits are PyTorch's.

    `attributes`: name → kind, of `operations.py`; `inputs`: how many tensors it takes at least and at most;
    `dimensions`: of the first, where only one number is known.
    """

    run: Callable
    attributes: dict = field(default_factory=dict)
    inputs: tuple = (1, 1)
    dimensions: int | None = None


def optional(tensors, count):
    """The first `count` of `tensors`, None for those not given."""
    return [*tensors, *[None] * (count - len(tensors))]


def refused_dimensions(expected, x):
    """Why `x` cannot be the input of what takes `expected` dimensions (None: any); None where it can."""
    if expected in (None, x.dim()):
        return None
    return (
        f"receives {x.dim()} dimensions, {list(x.shape)}; "
        "only [images, channels, height, width] is supported, so give it that shape before"
    )
