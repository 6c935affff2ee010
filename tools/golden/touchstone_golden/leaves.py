"""A leaf module of PyTorch as its row in `network.json`."""

from torch import nn
from torch.nn.utils import parametrize

from .faults import ExportError
from .operations import LEAVES, SUPPORTED


def leaf_type(module):
    """The name of the leaf that `module` is, None for a container. A subclass counts if it keeps PyTorch's own
    forward.
    """
    if isinstance(module, (nn.Sequential, nn.ModuleList, nn.ModuleDict)) or parametrize.is_parametrized(module):
        return None
    for name in LEAVES:
        kind = getattr(nn, name)
        if isinstance(module, kind) and type(module).forward is kind.forward and _same(module, kind, "_conv_forward"):
            return name
    return None


def leaf_row(kind, module, path):
    """`{type, attributes}`. Raises ExportError where the module has a setting that the format cannot express."""
    return {"type": kind, "attributes": _ATTRIBUTES[kind](module, path)}


def refuse_oddities(module, path):
    """Raises ExportError for what tracing cannot see: hooks, parametrisations, a forward set on the instance, torch's
    own other modules.
    """
    where = f"{path or 'the network'} ({type(module).__name__})"
    if parametrize.is_parametrized(module):
        raise ExportError(
            f"{where}: has parametrisations; remove them first with torch.nn.utils.parametrize.remove_parametrizations"
        )
    if module._forward_hooks or module._forward_pre_hooks:
        raise ExportError(f"{where}: has forward hooks (weight_norm and spectral_norm set some); remove them first")
    if "forward" in vars(module):
        raise ExportError(f"{where}: its forward is set on the instance; define it in the class")
    ours = (
        leaf_type(module)
        or isinstance(module, (nn.Sequential, nn.ModuleList, nn.ModuleDict))
        or type(module) is nn.Module
    )
    if not ours and type(module).__module__.startswith("torch.nn."):
        raise ExportError(f"{where}: this module is not supported; {SUPPORTED}")


def pair(value):
    return list(value) if isinstance(value, (tuple, list)) else [value, value]


def pool(kernel_size, stride, padding, ceil_mode):
    return {
        "kernelSize": pair(kernel_size),
        "stride": pair(kernel_size if stride is None or stride == [] else stride),
        "padding": pair(padding),
        "ceilMode": bool(ceil_mode),
    }


def _same(module, kind, method):
    return getattr(type(module), method, None) is getattr(kind, method, None)


def _conv2d(module, path):
    if module.padding_mode != "zeros":
        raise ExportError(f"{path} (Conv2d): padding_mode {module.padding_mode!r} is not supported, only 'zeros'")
    return {
        "inChannels": module.in_channels,
        "outChannels": module.out_channels,
        "kernelSize": pair(module.kernel_size),
        "stride": pair(module.stride),
        "padding": _conv_padding(module, path),
        "dilation": pair(module.dilation),
        "groups": module.groups,
        "bias": module.bias is not None,
    }


def _conv_padding(module, path):
    if not isinstance(module.padding, str):
        return pair(module.padding)
    if module.padding == "valid":
        return [0, 0]
    totals = [dilation * (kernel - 1) for dilation, kernel in zip(module.dilation, module.kernel_size)]
    if any(total % 2 for total in totals):
        raise ExportError(f"{path} (Conv2d): padding='same' is not symmetric for this kernel; use ZeroPad2d before it")
    return [total // 2 for total in totals]


def _batch_norm(module, path):
    if module.running_mean is None or module.running_var is None:
        raise ExportError(
            f"{path} (BatchNorm2d): without running statistics it depends on the batch, also in eval; "
            "that is not supported"
        )
    return {"numFeatures": module.num_features, "eps": float(module.eps), "affine": module.affine}


def _max_pool(module, path):
    if module.return_indices:
        raise ExportError(f"{path} (MaxPool2d): return_indices is not supported")
    return {
        **pool(module.kernel_size, module.stride, module.padding, module.ceil_mode),
        "dilation": pair(module.dilation),
    }


def _avg_pool(module, path):
    return {
        **pool(module.kernel_size, module.stride, module.padding, module.ceil_mode),
        "countIncludePad": bool(module.count_include_pad),
        "divisorOverride": module.divisor_override,
    }


def _zero_pad(module, path):
    if any(size < 0 for size in module.padding):
        raise ExportError(f"{path} (ZeroPad2d): negative padding {tuple(module.padding)} is not supported")
    return {"padding": list(module.padding)}


def _inplace(module, path):
    return {"inplace": bool(module.inplace)}


_ATTRIBUTES = {
    "Conv2d": _conv2d,
    "Linear": lambda module, path: {
        "inFeatures": module.in_features,
        "outFeatures": module.out_features,
        "bias": module.bias is not None,
    },
    "BatchNorm2d": _batch_norm,
    "ReLU": _inplace,
    "ReLU6": _inplace,
    "MaxPool2d": _max_pool,
    "AvgPool2d": _avg_pool,
    "AdaptiveAvgPool2d": lambda module, path: {"outputSize": pair(module.output_size)},
    "ZeroPad2d": _zero_pad,
    "Dropout": lambda module, path: {"p": float(module.p), "inplace": bool(module.inplace)},
    "Flatten": lambda module, path: {"startDim": module.start_dim, "endDim": module.end_dim},
    "Identity": lambda module, path: {},
}
