"""Evaluation mode and plain memory for as long as a module is examined."""

import copy
from contextlib import contextmanager

import torch

from .faults import ExportError

ORIGINAL = "give the torch.nn.Module that it was made from"


@contextmanager
def examined(module):
    """Within this context `module` is in eval mode and its tensors have row-major memory, as the exported ones have:
    channels_last or a transposed view as weight changes PyTorch's last bits. Everything is put back afterwards.
    """
    modes = {each: each.training for each in module.modules()}
    held = [tensor for tensor in [*module.parameters(), *module.buffers()] if not _is_plain(tensor)]
    before = [tensor.data for tensor in held]
    try:
        module.eval()
    except NotImplementedError as error:  # of torch.export
        raise ExportError(f"the network ({type(module).__name__}): has no eval mode: {error}; {ORIGINAL}") from None
    fast = torch.backends.mha.get_fastpath_enabled()
    try:
        torch.backends.mha.set_fastpath_enabled(False)  # of attention without gradients: other bits than with them
        for tensor in held:
            tensor.data = plain(tensor.data)
        yield
    finally:
        torch.backends.mha.set_fastpath_enabled(fast)
        for tensor, data in zip(held, before, strict=True):
            tensor.data = data
        for each, training in modes.items():
            each.training = training


@contextmanager
def unchanged(module):
    """Afterwards the attributes of all modules are as they were, also what lists and dictionaries among them hold: a
    forward may keep tensors for its next call.
    """
    before = []
    for each in module.modules():
        state = dict(vars(each))
        held = {name: copy.copy(value) for name, value in state.items() if type(value) in (dict, list, set)}
        before.append((each, state, held))
    try:
        yield
    finally:
        for each, state, held in before:
            vars(each).clear()
            vars(each).update(state)
            for name, content in held.items():
                state[name].clear()
                (state[name].extend if isinstance(content, list) else state[name].update)(content)


def plain(tensor):
    """A copy in row-major memory; `contiguous()` keeps other strides where a dimension is 1."""
    return tensor.detach().clone(memory_format=torch.contiguous_format)


def _is_plain(tensor):
    return tensor.layout != torch.strided or tensor.stride() == torch.empty(tensor.shape, device="meta").stride()
