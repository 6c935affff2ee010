"""Every call of ReLU, ReLU6 and MaxPool2d, module or function, in the passes of a case: recorded, nudged on request."""

from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

from .comparison import is_over
from .torch_rules import relu_call

POOL = ("input", "kernel_size", "stride", "padding", "dilation", "ceil_mode")


@dataclass
class SwitchCall:
    """`module`: the leaf, or the container that calls the function; `call` counts from 0 over the case.

    `input` is copied before the call; `shape` is the output's; `pool` holds a MaxPool2d's arguments, None for a ReLU.
    """

    module: str
    call: int
    input: torch.Tensor
    shape: torch.Size
    ceiling: float
    pool: dict | None
    gradient: torch.Tensor | None = None
    """The gradient at the output; None if there is none."""


class _Nudge(torch.autograd.Function):
    """Replaces the value of one element; the gradient passes unchanged."""

    @staticmethod
    def forward(ctx, x, index, value, inplace):
        if inplace:
            ctx.mark_dirty(x)
        else:
            x = x.clone(memory_format=torch.contiguous_format)
        x[torch.unravel_index(torch.tensor(index), x.shape)] = value
        return x

    @staticmethod
    def backward(ctx, g):
        return g, None, None, None


class _Watch(TorchFunctionMode):
    def __init__(self, nudges):
        super().__init__()
        self.calls, self.nudges, self.path, self.counts = [], nudges, [], {}

    def __torch_function__(self, function, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        relu = relu_call(function, args, kwargs)
        pool = dict(zip(POOL, args)) | kwargs if function in (F.max_pool2d, torch.max_pool2d) else None
        if relu is None and pool is None:
            return function(*args, **kwargs)
        x, ceiling, inplace = relu or (pool.pop("input"), 0.0, False)
        for ordinal, index, value in self.nudges:
            if ordinal == len(self.calls):
                x = _Nudge.apply(x, index, value, inplace)
        before = x.detach().clone()
        out = function(x, *args[1:], **kwargs) if args else function(**{**kwargs, "input": x})
        module = self.path[-1]
        seen = SwitchCall(module, self.counts.get(module, 0), before, out.shape, ceiling, pool)
        self.counts[module] = seen.call + 1
        self.calls.append(seen)
        if out.requires_grad:
            out.register_hook(lambda g: setattr(seen, "gradient", g))
        return out


@contextmanager
def watch(network, nudges=()):
    """Yields the list of SwitchCalls of all compared passes in this context, in order.

    Each of `nudges` is (ordinal in that list, index in NCHW order, value): that element of that call's input gets the
    value.
    """
    watcher = _Watch(nudges)

    def enter(path):
        def before(module, args):
            if is_over():
                return
            if path == "":
                watcher.__enter__()
            watcher.path.append(path)

        return before

    def leave(path):
        def after(module, args, out):
            if path not in watcher.path:
                return  # never entered: a hook before ours threw, or this pass is not compared
            del watcher.path[watcher.path.index(path) :]
            if path == "":
                watcher.__exit__(None, None, None)

        return after

    hooks = []
    for path, module in network.named_modules():
        hooks.append(module.register_forward_pre_hook(enter(path)))
        hooks.append(module.register_forward_hook(leave(path), always_call=True))
    try:
        yield watcher.calls
    finally:
        for hook in hooks:
            hook.remove()
