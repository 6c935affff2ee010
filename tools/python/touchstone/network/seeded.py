"""The seeded weights of a torch module."""

import torch

from .generator import draw_all
from .leaves import leaf_type


def draw_weights(seed, network):
    """`state_dict` name → float32 tensor for every parameter and buffer of floats of `network`, which may be on "meta".

    A shared module's tensors have its first name. Raises NetworkError where there are too many.
    """
    tensors = {
        f"{path}.{name}" if path else name: (leaf_type(module) or "", name, tuple(tensor.shape))
        for path, module in network.named_modules()
        for name, tensor in [*module.named_parameters(recurse=False), *module.named_buffers(recurse=False)]
        if tensor.is_floating_point() and name not in module._non_persistent_buffers_set
    }
    return {name: torch.from_numpy(values) for name, values in draw_all(seed, tensors).items()}

