"""A leaf module of PyTorch as its row in `network.json`."""

from torch import nn
from torch.nn.utils import parametrize

from .faults import ExportError
from .operations import LEAVES


_SAME_IN_EVAL = {
    **dict.fromkeys(("Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout", "FeatureAlphaDropout"), "Dropout"),
    "SyncBatchNorm": "BatchNorm2d",
}
"""Modules that do what a leaf of another name does when a network is explained."""


def leaf_type(module):
    """The name of the leaf that `module` is, None for a container. A subclass counts if it keeps PyTorch's own
    forward.
    """
    if isinstance(module, (nn.Sequential, nn.ModuleList, nn.ModuleDict)) or parametrize.is_parametrized(module):
        return None
    for name, written in {**dict(zip(LEAVES, LEAVES)), **_SAME_IN_EVAL}.items():
        kind = getattr(nn, name)
        if isinstance(module, kind) and type(module).forward is kind.forward and _same(module, kind, "_conv_forward"):
            return written
    return None


def leaf_row(kind, module, path):
    """`{type, attributes}`. Raises ExportError where the module has a setting that the format cannot express."""
    return {"type": kind, "attributes": _ATTRIBUTES[kind](module, path)}


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
