"""A leaf module of PyTorch as its row in `network.json`."""

from torch import nn
from torch.nn.utils import parametrize

from .operations import LEAVES


_SAME_IN_EVAL = {
    **dict.fromkeys(("Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout", "FeatureAlphaDropout"), "Dropout"),
    "SyncBatchNorm": "BatchNorm2d",
}
"""Modules that do what a leaf of another name does when a network is explained."""


DIMENSIONS = dict.fromkeys(("Conv2d", "BatchNorm2d", "ZeroPad2d", "MaxPool2d", "AvgPool2d", "AdaptiveAvgPool2d"), 4)
"""Of the input, where the format knows one number only."""


def leaf_type(module, x=None):
    """The name of the leaf that `module` is, called with `x` where this is known; None for a container. A subclass
    counts if it keeps PyTorch's own forward.
    """
    if not _fits(module, x):
        return None
    if isinstance(module, (nn.Sequential, nn.ModuleList, nn.ModuleDict)) or parametrize.is_parametrized(module):
        return None
    for name, written in {**dict(zip(LEAVES, LEAVES)), **_SAME_IN_EVAL}.items():
        kind = getattr(nn, name)
        if isinstance(module, kind) and type(module).forward is kind.forward and _same(module, kind, "_conv_forward"):
            return written
    return None


def _fits(module, x):
    """Whether the leaf can say what the module does; if not, its forward is written as a container's."""
    if isinstance(module, nn.Conv2d):
        padding = module.padding
        uneven = padding == "same" and any(d * (k - 1) % 2 for d, k in zip(module.dilation, module.kernel_size))
        return module.padding_mode == "zeros" and not uneven
    if isinstance(module, nn.SyncBatchNorm):
        return x is None or x.dim() == 4
    if isinstance(module, nn.BatchNorm2d):
        return module.running_mean is not None and module.running_var is not None
    if isinstance(module, nn.MaxPool2d):
        return not module.return_indices
    return not isinstance(module, nn.ZeroPad2d) or min(module.padding) >= 0


def leaf_row(kind, module):
    """`{type, attributes}`."""
    return {"type": kind, "attributes": _ATTRIBUTES[kind](module)}


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


def _conv2d(module):
    return {
        "inChannels": module.in_channels,
        "outChannels": module.out_channels,
        "kernelSize": pair(module.kernel_size),
        "stride": pair(module.stride),
        "padding": _conv_padding(module),
        "dilation": pair(module.dilation),
        "groups": module.groups,
        "bias": module.bias is not None,
    }


def _conv_padding(module):
    if not isinstance(module.padding, str):
        return pair(module.padding)
    if module.padding == "valid":
        return [0, 0]
    return [dilation * (kernel - 1) // 2 for dilation, kernel in zip(module.dilation, module.kernel_size)]


def _batch_norm(module):
    return {"numFeatures": module.num_features, "eps": float(module.eps), "affine": module.affine}


def _max_pool(module):
    return {
        **pool(module.kernel_size, module.stride, module.padding, module.ceil_mode),
        "dilation": pair(module.dilation),
    }


def _avg_pool(module):
    return {
        **pool(module.kernel_size, module.stride, module.padding, module.ceil_mode),
        "countIncludePad": bool(module.count_include_pad),
        "divisorOverride": module.divisor_override,
    }


def _inplace(module):
    return {"inplace": bool(module.inplace)}


_ATTRIBUTES = {
    "Conv2d": _conv2d,
    "Linear": lambda module: {
        "inFeatures": module.in_features,
        "outFeatures": module.out_features,
        "bias": module.bias is not None,
    },
    "BatchNorm2d": _batch_norm,
    "ReLU": _inplace,
    "ReLU6": _inplace,
    "MaxPool2d": _max_pool,
    "AvgPool2d": _avg_pool,
    "AdaptiveAvgPool2d": lambda module: {"outputSize": pair(module.output_size)},
    "ZeroPad2d": lambda module: {"padding": list(module.padding)},
    "Dropout": lambda module: {"p": float(module.p), "inplace": bool(module.inplace)},
    "Flatten": lambda module: {"startDim": module.start_dim, "endDim": module.end_dim},
    "Identity": lambda module: {},
}
