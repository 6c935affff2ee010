"""A few numbers per call of a leaf module, to locate a failure; see docs/formats.md."""

import zlib
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch

from .comparison import is_over
from .torch_rules import leaves

PROBES = 64
FEW_PROBES = 16
"""Of a sampled case whose pass has more than MANY_CALLS calls, and of a large output."""
MANY_CALLS = 150
LARGE_OUTPUT = 1024
"""An output with more values is large: few of its values show a difference as well as many."""


@dataclass
class LeafCall:
    """Row 0 of one call. `gradient`: of the target with respect to the output as the module returned it."""

    module: str
    call: int
    output: torch.Tensor
    gradient: torch.Tensor | None = None


@contextmanager
def leaf_calls(network):
    """Yields a list that fills with one list of LeafCalls per compared pass."""
    passes, hooks = [], [network.register_forward_pre_hook(lambda *_: None if is_over() else passes.append([]))]

    def note(path):
        def after(module, args, out):
            if is_over():
                return
            calls = passes[-1]
            seen = LeafCall(path, sum(c.module == path for c in calls), out.detach()[0].clone())
            calls.append(seen)
            if out.requires_grad:
                out.register_hook(lambda g: setattr(seen, "gradient", g[0].clone()))

        return after

    hooks += [module.register_forward_hook(note(path)) for path, module in leaves(network).items()]
    try:
        yield passes
    finally:
        for hook in hooks:
            hook.remove()


def sketch(passes, sampled=False):
    """Rows for GoldenMeta.sketch, and its tensors, each the values of all rows in order: of the first pass with a
    gradient, or of the first pass if none has one.
    """
    calls = next((calls for calls in passes if any(c.gradient is not None for c in calls)), passes[0] if passes else [])
    probes = FEW_PROBES if sampled and len(calls) > MANY_CALLS else PROBES
    rows, forward, gradient = [], [], []
    for seen in calls:
        indices = _indices(seen, probes)
        forward.append(seen.output.flatten()[indices])
        if seen.gradient is not None:
            gradient.append(seen.gradient.flatten()[indices])
        rows.append(
            {
                "module": seen.module,
                "call": seen.call,
                "shape": list(seen.output.shape),
                "indices": indices,
                "forward": float(seen.output.norm()),
                "gradient": None if seen.gradient is None else float(seen.gradient.norm()),
            }
        )
    return rows, sketch_tensors(forward, gradient)


def sketch_tensors(forward, gradient):
    """The probes as a golden stores them: those of all calls in one tensor, and those of all gradients."""
    tensors = {"sketch/forward": forward, "sketch/gradient": gradient}
    return {name: torch.cat(probes) for name, probes in tensors.items() if probes}


def few_of_a_large_output(indices, size):
    """Every fourth of the indices into an output of `size` values, where it is large."""
    return indices[:: PROBES // FEW_PROBES] if size > LARGE_OUTPUT and len(indices) == PROBES else indices


def _indices(seen, probes):
    size = seen.output.numel()
    draw = np.random.default_rng(zlib.crc32(f"{seen.module}#{seen.call}".encode()))
    indices = sorted(draw.choice(size, min(probes, size), replace=False).tolist())
    return few_of_a_large_output(indices, size)
