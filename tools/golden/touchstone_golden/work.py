"""How much a case computes: the multiply-adds of its convolutions and products, as PyTorch counts them."""

from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry


class counted_work(TorchDispatchMode):
    """Counts within this context; `multiply_adds` afterwards. A multiplication and an addition are one; the rest is not
    counted.
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
