"""The seeded weights of a torch module."""

import torch
from torch import nn

from .generator import draw_all


def draw_weights(seed, network):
    """`state_dict` name → float32 tensor for every convolution, linear layer and batch norm of `network`, which may be
    on "meta".

    A shared module's tensors have its first name. Raises NetworkError where there are too many.
    """
    tensors = {
        f"{path}.{name}" if path else name: (_kind(module), name, tuple(tensor.shape))
        for path, module in network.named_modules()
        for name, tensor in [*module.named_parameters(recurse=False), *module.named_buffers(recurse=False)]
        if name != "num_batches_tracked"
    }
    return {name: torch.from_numpy(values) for name, values in draw_all(seed, tensors).items()}


def _kind(module):
    return "BatchNorm2d" if isinstance(module, nn.BatchNorm2d) else type(module).__name__
