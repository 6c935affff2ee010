"""Functions and tensor methods between modules, as steps of `network.json`.

A handler has the parameters of its function, so that binding finds an unknown keyword, and returns
steps `(op, operands, attributes)`. An operand is an `fx.Node`, or None for the result of the step before.
It raises `Unsupported` with the reason where the arguments ask for more than the format can say.
"""

import operator

import torch
import torch.nn.functional as F
from torch import fx

from .leaves import pair, pool


class Unsupported(Exception):
    """Why this use of a function cannot be written."""


def steps_of(node):
    """The steps of a `call_function` or `call_method` node; [] where the value is passed on unchanged. Raises
    Unsupported.
    """
    handler = (_FUNCTIONS if node.op == "call_function" else _METHODS).get(node.target) or _BY_NAME.get(name_of(node))
    if handler is None:
        raise Unsupported(_HINTS.get(name_of(node), "it is not known"))
    try:
        return handler(*node.args, **node.kwargs)
    except TypeError as error:
        raise Unsupported(str(error).replace(handler.__name__, "it")) from None


def name_of(node):
    """The function's name in messages: `torch.nn.functional.pad`, `.permute()`."""
    if node.op == "call_method":
        return f".{node.target}()"
    if node.target is getattr:
        return f".{node.args[1]}"
    module = getattr(node.target, "__module__", None) or "torch"
    return f"{module.lstrip('_')}.{getattr(node.target, '__name__', node.target)}"


def is_size(node):
    """Whether the node is a tensor's shape (`x.size(0)`, `x.shape[0]`), which a step can only use to flatten."""
    if node.op == "call_method":
        return node.target in ("size", "dim")
    if node.target is getattr:
        return node.args[1] in ("shape", "ndim")
    return node.target is operator.getitem and isinstance(node.args[0], fx.Node) and is_size(node.args[0])


def is_inplace_add(node):
    return (node.op, node.target) in (("call_function", operator.iadd), ("call_method", "add_"))


def _is_batch_size(value):
    if not isinstance(value, fx.Node):
        return False
    if value.target == "size" and value.op == "call_method":
        return value.args[1:] == (0,) or value.kwargs == {"dim": 0}
    return value.target is operator.getitem and is_size(value) and value.args[1] == 0


def _add(input, other, *, alpha=1):
    if not (isinstance(input, fx.Node) and isinstance(other, fx.Node)) or alpha != 1:
        raise Unsupported("only the sum of two tensors is known, without constants and without alpha")
    return [("add", [input, other], {})]


def _cat(tensors, dim=0, *, axis=None):
    if not isinstance(tensors, (list, tuple)) or not all(isinstance(tensor, fx.Node) for tensor in tensors):
        raise Unsupported("it needs a list of tensors")
    return [("cat", list(tensors), {"dim": dim if axis is None else axis})]


def _relu(input, inplace=False):
    return [("relu", [input], {"inplace": inplace})]


def _relu_(input):
    return [("relu", [input], {"inplace": True})]


def _relu6(input, inplace=False):
    return [("relu6", [input], {"inplace": inplace})]


def _max_pool2d(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
    if return_indices:
        raise Unsupported("return_indices is not known")
    return [("max_pool2d", [input], {**pool(kernel_size, stride, padding, ceil_mode), "dilation": pair(dilation)})]


def _avg_pool2d(
    input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None
):
    attributes = {"countIncludePad": bool(count_include_pad), "divisorOverride": divisor_override}
    return [("avg_pool2d", [input], {**pool(kernel_size, stride, padding, ceil_mode), **attributes})]


def _adaptive_avg_pool2d(input, output_size):
    return [("adaptive_avg_pool2d", [input], {"outputSize": pair(output_size)})]


def _flatten(input, start_dim=0, end_dim=-1):
    return [("flatten", [input], {"startDim": start_dim, "endDim": end_dim})]


def _view(input, *shape):
    if len(shape) == 1 and isinstance(shape[0], (tuple, list)):
        shape = tuple(shape[0])
    to_rows = len(shape) == 2 and (
        _is_batch_size(shape[0]) and isinstance(shape[1], int) or shape[0] == -1 and isinstance(shape[1], int)
    )
    if not to_rows:
        raise Unsupported("only (x.size(0), -1) or (-1, features) is known, which flattens each image")
    return _flatten(input, 1)


def _mean(input, dim=None, keepdim=False):
    if not isinstance(dim, (tuple, list)) or {d % 4 for d in dim} != {2, 3}:
        raise Unsupported("only the mean over height and width is known: mean([2, 3])")
    steps = _adaptive_avg_pool2d(input, 1)
    return steps if keepdim else [*steps, ("flatten", [None], {"startDim": 1, "endDim": -1})]


def _dropout(input, p=0.5, training=True, inplace=False):
    if training:
        raise Unsupported("it drops values in eval mode too; pass training=self.training")
    return [("dropout", [input], {"inplace": inplace})]


def _dropout_off_by_default(input, p=0.5, training=False, inplace=False):
    return _dropout(input, p, training, inplace)


def _stochastic_depth(input, p, mode, training=True):
    return _dropout(input, p, training)


def _drop_block(input, p, block_size, inplace=False, eps=1e-6, training=True):
    return _dropout(input, p, training, inplace)


def _handed_on(input):
    return []


_FUNCTIONS = {
    torch.add: _add,
    operator.add: _add,
    operator.iadd: _add,
    torch.cat: _cat,
    torch.concat: _cat,
    torch.concatenate: _cat,
    F.relu: _relu,
    torch.relu: _relu,
    F.relu_: _relu_,
    torch.relu_: _relu_,
    F.relu6: _relu6,
    F.max_pool2d: _max_pool2d,
    torch.max_pool2d: _max_pool2d,
    F.avg_pool2d: _avg_pool2d,
    F.adaptive_avg_pool2d: _adaptive_avg_pool2d,
    torch.flatten: _flatten,
    torch.reshape: _view,
    torch.mean: _mean,
    **dict.fromkeys((F.dropout, F.dropout1d, F.dropout2d, F.dropout3d), _dropout),
    **dict.fromkeys((F.alpha_dropout, F.feature_alpha_dropout), _dropout_off_by_default),
}
_METHODS = {
    "add": _add,
    "add_": _add,
    "relu": _relu,
    "relu_": _relu_,
    "flatten": _flatten,
    "view": _view,
    "reshape": _view,
    "mean": _mean,
    "contiguous": _handed_on,
}
_BY_NAME = {
    "torchvision.ops.stochastic_depth.stochastic_depth": _stochastic_depth,
    "torchvision.ops.drop_block.drop_block2d": _drop_block,
}
"""Functions of packages that need not be installed."""
_NO_GRADIENT = "the gradient ends at it, which the format cannot say; remove it"
_HINTS = {
    "torch.nn.functional.pad": "use nn.ZeroPad2d instead",
    "torch.nn.functional.conv2d": "use nn.Conv2d instead",
    ".data": _NO_GRADIENT,
    ".detach()": _NO_GRADIENT,
    ".detach_()": _NO_GRADIENT,
    "torch.detach": _NO_GRADIENT,
}
