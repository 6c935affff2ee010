"""What a handler is.

A handler has an emitter and the parameters of its function, so that binding finds an unknown keyword. It computes the
function by steps of `network.json` and returns what PyTorch would. It raises `Unsupported` with the reason where the
arguments ask for more than the format can say.
"""

import torch


class Unsupported(Exception):
    """Why this use of a function cannot be written."""


def dim_of(dim, dims):
    """≥ 0."""
    if not -dims <= dim < max(dims, 1):
        raise Unsupported(f"there is no dimension {dim} of {dims}")
    return dim % max(dims, 1)


def dims_of(dim, x):
    """A list, ≥ 0: all where none is given."""
    if dim is None or dim == () or dim == []:
        return list(range(x.dim()))
    given = dim if isinstance(dim, (tuple, list, torch.Size)) else [dim]
    return [dim_of(int(each), x.dim()) for each in given]


def sizes_of(args):
    """`(2, 3)` of `f(2, 3)`, `f((2, 3))` or `f(torch.Size([2, 3]))`."""
    if len(args) == 1 and isinstance(args[0], (tuple, list)):
        args = args[0]
    return [int(each) for each in args]


def require(condition, reason):
    if not condition:
        raise Unsupported(reason)
