"""Which tensor is which value, and what operations in place change.

In PyTorch `a += b` changes the memory of `a`, also as others see it through views; the format writes `a + b`. So the
names of `a` become names of the sum, and whatever else lies in that memory must not be read any more. The format's own
operations in place, ReLU and ReLU6, change all names that hand the same value on, and no views.
"""

from dataclasses import dataclass

import torch

from .recorder import Recorder, Value

aten = torch.ops.aten


@dataclass(eq=False)
class Known:
    """A tensor of which the value is known. `label`: that of all tensors which the format takes for one value;
    `copied`: it has its value's name, but memory of its own; `view`: (base, op, attributes) of a slice; `opaque`: why
    it cannot be written; `stale`: what changed its memory.
    """

    tensor: torch.Tensor
    value: Value
    recorder: Recorder
    label: object
    copied: bool = False
    view: tuple | None = None
    opaque: str = ""
    stale: str = ""


class Memory:
    def __init__(self):
        self._by_id = {}
        self._by_storage = {}

    def get(self, tensor):
        return self._by_id.get(id(tensor))

    def add(self, tensor, value, recorder, label=None, **more):
        known = Known(tensor, value, recorder, label or object(), **more)
        self._by_id[id(tensor)] = known
        self._by_storage.setdefault(storage_of(tensor), []).append(known)
        return known

    def changed_by_format(self, known, what):
        """ReLU in place: tensors of another label must not be read."""
        for other in self._by_storage[storage_of(known.tensor)]:
            if other.label is not known.label:
                other.stale = what

    def changed(self, tensor, value, recorder, what, kept=()):
        """Tensors of this recorder that are the same memory have the new value; others must not be read, unless they
        are the memory of one of `kept`.
        """
        label, kept = object(), [_place(each) for each in kept]
        for other in self._by_storage.get(storage_of(tensor), []):
            if other.recorder is recorder and _place(other.tensor) == _place(tensor):
                other.value, other.label, other.stale, other.copied, other.opaque = value, label, "", False, ""
            elif other.recorder is not recorder or _place(other.tensor) not in kept:
                other.stale = what
        return label


def alias(tensor):
    """A new tensor on the same memory."""
    return aten.alias(tensor.detach() if isinstance(tensor, torch.nn.Parameter) else tensor)


def storage_of(tensor):
    return tensor.untyped_storage().data_ptr()


def _place(tensor):
    return tensor.data_ptr(), tensor.shape, tensor.stride()
