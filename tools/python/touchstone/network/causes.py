"""Where a module's gradient leaves PyTorch's rules, and why, as far as this can be seen."""

import inspect

import torch
from torch.overrides import TorchFunctionMode

from .faults import ExportError
from .gradients import answer, own_functions
from .structure import map_tensors, tensors_in

_GRADIENT = "its gradient is not that of its operations by PyTorch's rules, so nothing was written"
_ANSWER = "its answer is not that of its operations, bit for bit, so nothing was written"
_ANSWER_CAUSE = "does it depend on the batch, on values, or on memory shared by in-place operations?"
_GRADIENT_CAUSE = "look for a hook on a tensor, a function with a backward of its own, or torch.no_grad()"


def blame(module, run, replay, x, one_tensor):
    """The ExportError for the innermost module, called alone on what it receives, whose answer or gradient differs from
    the replay's or that has a backward of its own; None where none does.
    """
    calls = _calls(module, run, x, one_tensor)
    for path, part in reversed(list(module.named_modules())):
        if path not in calls or not replay.has(path):
            continue
        tensors, alone = _alone(part, *calls[path], one_tensor) if path else ([x], lambda given: one_tensor(run(given)))
        try:
            own = answer(alone, tensors)
            if functions := own_functions(own.output):
                named = ", ".join(functions)
                return _error(path, part, _GRADIENT, f"the autograd.Function {named} has a backward of its own")
            ours = answer(lambda *given: replay.call(path, [*given]), tensors)  # noqa: B023
            if not ours.has_bits_of(own):
                return _error(path, part, _ANSWER, _cause(alone, tensors, _ANSWER_CAUSE))
            if own.gradients is not None and not ours.has_gradients_of(own):
                return _error(path, part, _GRADIENT, _cause(alone, tensors, _GRADIENT_CAUSE))
        except (RuntimeError, TypeError, AttributeError, ValueError, KeyError):
            continue  # a part that cannot run alone is not the one to blame
    return None


def _error(path, module, what, cause):
    return ExportError(f"{path or 'the network'} ({type(module).__name__}): {what}; {cause}")


def _calls(module, run, x, one_tensor):
    """Path → the arguments of its first call."""
    calls = {}

    def note(path):
        def hook(_module, args, kwargs):
            calls.setdefault(path, map_tensors((args, kwargs), _once(lambda tensor: tensor.detach().clone())))

        return hook

    hooks = [
        part.register_forward_pre_hook(note(path), with_kwargs=True, prepend=True)
        for path, part in module.named_modules()
        if path
    ]
    try:
        answer(lambda given: one_tensor(run(given)), [x])
    finally:
        for hook in hooks:
            hook.remove()
    calls[""] = ((x,), {})
    return calls


def _once(change):
    """`change` of each tensor, the same for the same."""
    done = {}

    def changed(tensor):
        if id(tensor) not in done:
            done[id(tensor)] = tensor, change(tensor)
        return done[id(tensor)][1]

    return changed


def _alone(module, args, kwargs, one_tensor):
    """Its tensors, and `module` as a function of them. They are in the order in which they are inputs of the module's
    row: that of the parameters of its forward.
    """
    bound = inspect.signature(type(module).forward).bind(module, *args, **kwargs)
    _, *names = bound.arguments
    before = {name: bound.arguments[name] for name in names}
    tensors = list({id(each): each for each in tensors_in(tuple(before.values()))}.values())

    def call(*tensors):
        given = iter(tensors)
        change = _once(lambda _: next(given))
        for name, value in before.items():
            bound.arguments[name] = map_tensors(value, change)
        return one_tensor(module(*bound.args[1:], **bound.kwargs))

    return tensors, call


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
        if torch.is_autocast_enabled("cpu"):
            self._note("torch.autocast")
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


def _cause(function, tensors, otherwise):
    watch = _Watch()

    def watched(*given):
        with watch:
            return function(*given)

    answer(watched, tensors)
    return f"it uses {', '.join(watch.seen)}; remove that to export it" if watch.seen else otherwise
