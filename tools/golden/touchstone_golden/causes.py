"""Where a module's gradient leaves PyTorch's rules, and why, as far as this can be seen."""

import inspect

import torch
from torch import fx
from torch.overrides import TorchFunctionMode

from .faults import ExportError
from .gradients import answer, own_functions

DIFFERS = "its gradient is not that of its operations by PyTorch's rules, so nothing was written"


def blame(module, replay, x):
    """The ExportError for the innermost module, called alone on what it receives, whose gradient differs from the
    replay's or that has a backward of its own; the network itself where none does.
    """
    calls = _calls(module, x)
    for path, part in reversed(list(module.named_modules())):
        if path not in calls:
            continue
        args, kwargs = calls[path]
        tensors = _tensors(part, args, kwargs)
        alone = lambda *given: _with(part, args, kwargs, given)  # noqa: B023, E731: called at once
        try:
            own = answer(alone, tensors)
            if functions := own_functions(own.output):
                named = ", ".join(functions)
                return _error(path, part, f"the autograd.Function {named} has a backward of its own")
            ours = answer(lambda *given: replay.call(path, [*given]), tensors)  # noqa: B023
            if own.gradients is not None and not ours.has_gradients_of(own):
                return _error(path, part, _cause(alone, tensors))
        except (RuntimeError, TypeError, AttributeError):
            continue  # a part that cannot run alone is not the one to blame
    return _error("", module, _UNKNOWN)


def _error(path, module, cause):
    return ExportError(f"{path or 'the network'} ({type(module).__name__}): {DIFFERS}; {cause}")


def _calls(module, x):
    """Path → the arguments of its first call."""
    calls = {}

    def note(path):
        def hook(_module, args, kwargs):
            calls.setdefault(path, _map((args, kwargs), lambda tensor: tensor.detach().clone()))

        return hook

    hooks = [
        part.register_forward_pre_hook(note(path), with_kwargs=True, prepend=True)
        for path, part in module.named_modules()
        if path
    ]
    try:
        answer(lambda given: _first_tensor(module(given)), [x])
    finally:
        for hook in hooks:
            hook.remove()
    calls[""] = ((x,), {})
    return calls


def _first_tensor(value):
    if isinstance(value, torch.Tensor):
        return value
    return next(iter(value.values() if isinstance(value, dict) else value))


def _map(value, change):
    return fx.node.map_aggregate(value, lambda each: change(each) if isinstance(each, torch.Tensor) else each)


def _tensors(module, args, kwargs):
    """In the order in which they are inputs of the module's row: that of the parameters of its forward."""
    bound = inspect.signature(type(module).forward).bind(module, *args, **kwargs)
    found = []
    _map(tuple(bound.arguments.values())[1:], found.append)
    return found


def _with(module, args, kwargs, tensors):
    bound = inspect.signature(type(module).forward).bind(module, *args, **kwargs)
    given = iter(tensors)
    _, *names = bound.arguments
    for name in names:
        bound.arguments[name] = _map(bound.arguments[name], lambda _: next(given))
    return module(*bound.args[1:], **bound.kwargs)


class _Watch(TorchFunctionMode):
    """Collects what hides a computation from autograd while it runs."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def __torch_function__(self, function, types, args=(), kwargs=None):
        if torch.is_inference_mode_enabled():
            self._note("torch.inference_mode()")
        elif not torch.is_grad_enabled():
            self._note("torch.no_grad() or torch.set_grad_enabled(False)")
        if function in (torch.Tensor.detach, torch.Tensor.detach_):
            self._note("detach()")
        if function is torch.Tensor.data.__get__:
            self._note(".data")
        if function is torch.Tensor.register_hook:
            self._note("a hook on a tensor")
        return function(*args, **(kwargs or {}))

    def _note(self, what):
        if what not in self.seen:
            self.seen.append(what)


_UNKNOWN = "look for a hook on a tensor, a function with a backward of its own, or torch.no_grad()"


def _cause(function, tensors):
    watch = _Watch()

    def watched(*given):
        with watch:
            return function(*given)

    answer(watched, tensors)
    return f"it uses {', '.join(watch.seen)}; remove that to export it" if watch.seen else _UNKNOWN
