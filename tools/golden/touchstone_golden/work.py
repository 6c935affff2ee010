"""Counts the multiply-adds of the convolutions and matrix products of a case, with PyTorch's counter."""

from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry


class counted_work(TorchDispatchMode):
    """Counts within this context; `multiply_adds` afterwards. A multiplication with its addition counts as one; other
    operations are not counted.
    """

    def __init__(self):
        super().__init__()
        self.operations = 0

    @property
    def multiply_adds(self):
        return self.operations // 2

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        out = function(*args, **kwargs)
        formula = flop_registry.get(function._overloadpacket)
        if formula is not None:
            self.operations += formula(*args, **kwargs, out_val=out)
        return out
