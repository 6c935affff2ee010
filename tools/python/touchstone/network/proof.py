"""The proof of an export: the same answers and the same gradients as the module's own.

The module runs as PyTorch runs it; the replay applies PyTorch's standard gradient rule to each exported operation. They
differ where the module has gradients of its own: under `torch.no_grad()`, in an `autograd.Function`, behind a hook.
"""

import torch

from .canonical import plain
from .causes import blame
from .faults import ExportError
from .gradients import answer, own_functions

BITS = (
    "the network read back gives other bits than the module, so nothing was written; "
    "does its forward depend on the batch, on values, or on memory shared by in-place operations?"
)
GRADIENT = (
    "the network: its gradient is not that of its operations, so nothing was written; "
    "look for a hook on a tensor, a function with a backward of its own, or torch.no_grad()"
)


def prove(module, run, replay, example, one_tensor):
    """Raises ExportError, naming the module and where it can be seen the cause, unless both agree on `example` and on
    inputs of its size. `run(x)` calls the module on what `x` stands for; `one_tensor` makes one of what it returns.
    Where PyTorch has no gradient, because a value that backward needs was changed in place, the answers alone are
    compared.
    """
    for x in _inputs(example):
        try:
            own = answer(lambda given: one_tensor(run(given)), [x])
        except RuntimeError as error:
            raise ExportError(f"the network: runs without gradients only: {str(error).splitlines()[0]}") from None
        ours = answer(replay, [x])
        same_bits = ours.has_bits_of(own)
        same_gradients = own.gradients is None or ours.has_gradients_of(own)
        if not same_bits or not same_gradients or own_functions(own.output):
            raise blame(module, run, replay, x, one_tensor) or ExportError(GRADIENT if same_bits else BITS)


def _inputs(example):
    """Two images at most each: the example's; random values; regions of constant values, half of them 0, for ties and
    for zeros within the network; zeros.
    """
    generator = torch.Generator().manual_seed(0)
    first = plain(example[:2])
    spread = float(first.std()) if first.numel() > 1 and float(first.std()) > 0 else 1.0
    normal = torch.randn(first.shape, generator=generator)
    n, c, height, width = first.shape
    blocks = torch.randint(-1, 3, (n, c, -(-height // 3), -(-width // 3)), generator=generator).clamp(0, 2) - 0.0
    signs = torch.randint(0, 2, blocks.shape, generator=generator) * 2.0 - 1
    regions = (blocks * signs).repeat_interleave(3, 2).repeat_interleave(3, 3)[:, :, :height, :width]
    return [first, first.mean() + spread * normal, spread * regions, torch.zeros_like(first)]
