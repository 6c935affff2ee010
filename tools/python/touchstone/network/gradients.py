"""The answer of a module or a replay, and the gradient of a random scalar of it."""

from dataclasses import dataclass

import torch

from .canonical import plain

_TOLERANCE = 1e-5
"""Of the largest value. Sums in another order differ by about 1e-7."""


@dataclass(frozen=True)
class Answer:
    output: torch.Tensor
    """With its graph."""
    gradients: list[torch.Tensor] | None
    """Per input; zeros where nothing reaches it. None where PyTorch has none: a value that backward needs was changed
    in place, as by `+=` after a ReLU.
    """

    def has_bits_of(self, other):
        ours, theirs = plain(self.output), plain(other.output)
        same_form = (ours.shape, ours.dtype) == (theirs.shape, theirs.dtype)
        return same_form and ours.numpy().tobytes() == theirs.numpy().tobytes()

    def has_gradients_of(self, other):
        if self.gradients is None or other.gradients is None:
            return self.gradients is other.gradients
        return all(_close(a, b) for a, b in zip(self.gradients, other.gradients, strict=True))


def answer(function, tensors):
    """Calls `function(*copies of tensors)`, which returns one tensor, with gradients enabled; the caller's mode is put
    back, whatever the function sets. The scalar is a sum of the outputs with random weights of both signs.
    """
    with torch.inference_mode(False), torch.enable_grad():
        inputs = [plain(tensor).requires_grad_() for tensor in tensors]
        output = function(*(each.clone() for each in inputs))  # copies, because a leaf cannot be changed in place
        return Answer(output, _gradients(output, inputs) if output.requires_grad else _zeros(inputs))


def _gradients(output, inputs):
    weights = torch.randn(output.shape, generator=torch.Generator().manual_seed(1))
    try:
        found = torch.autograd.grad(output, inputs, weights, allow_unused=True)
    except RuntimeError as error:
        if "modified by an inplace operation" in str(error):
            return None
        raise
    return [zero if each is None else each for each, zero in zip(found, _zeros(inputs), strict=True)]


def _zeros(inputs):
    return [torch.zeros_like(each) for each in inputs]


def own_functions(output):
    """Names of the `autograd.Function`s outside of PyTorch in the graph behind `output`."""
    names, seen, waiting = set(), set(), [output.grad_fn]
    while waiting:
        node = waiting.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        waiting.extend(before for before, _ in node.next_functions)
        function = getattr(type(node), "_forward_cls", None)
        if function is not None and not function.__module__.startswith("torch."):
            names.add(function.__name__)
    return sorted(names)


def _close(a, b):
    largest = torch.nan_to_num(b).abs().max() if b.numel() else 0.0
    return torch.allclose(a, b, rtol=0.0, atol=float(largest) * _TOLERANCE, equal_nan=True)
