"""A network's answer and gradient from its two files alone, by the operators below torch.nn.

A program may have replaced functions and classes of torch.nn, or set hooks on all modules: guided backpropagation is
often installed in this way. Nothing of that reaches the replay.
"""

import torch

from .bounds import Bounds
from .faults import ExportError
from .leaves import DIMENSIONS
from .ops import TABLE
from .ops.op import refused_dimensions

aten = torch.ops.aten

def _conv2d(x, a, w):
    geometry = (a["stride"], a["padding"], a["dilation"])
    return aten.conv2d(x, w["weight"], w.get("bias"), *geometry, a["groups"])


def _batch_norm(x, a, w):
    statistics = w["running_mean"], w["running_var"]
    return aten.batch_norm(x, w.get("weight"), w.get("bias"), *statistics, False, 0.0, a["eps"], False)


def _of_op(name):
    return lambda x, a, w: TABLE[name].run([x], a)


_LEAVES = {
    "Conv2d": _conv2d,
    "Linear": lambda x, a, w: aten.linear(x, w["weight"], w.get("bias")),
    "BatchNorm2d": _batch_norm,
    "ReLU": _of_op("relu"),
    "ReLU6": _of_op("relu6"),
    "MaxPool2d": _of_op("max_pool2d"),
    "AvgPool2d": _of_op("avg_pool2d"),
    "AdaptiveAvgPool2d": _of_op("adaptive_avg_pool2d"),
    "ZeroPad2d": lambda x, a, w: aten.constant_pad_nd(x, a["padding"]),
    "Dropout": lambda x, a, w: x,
    "Flatten": _of_op("flatten"),
    "Identity": lambda x, a, w: x,
}


class Replay:
    """Calls a description with these weights (name → tensor). Raises ExportError, naming the module, for an input with
    another number of dimensions than the format knows, and for a pass beyond its bounds.
    """

    def __init__(self, description, weights):
        self._modules, self._tensors = description["modules"], weights
        self._weights = {path: {} for path in self._modules}
        for name, tensor in weights.items():
            path, _, own = name.rpartition(".")
            self._weights[path][own] = tensor

    def has(self, path):
        return path in self._modules

    def __call__(self, x):
        return self.call("", [x])

    def call(self, path, tensors):
        """The output of the module at `path` for its inputs."""
        self._bounds = Bounds(tensors[0])
        with torch._C.DisableTorchFunction():  # and no mode of the caller's
            return self._call(path, tensors)

    def _call(self, path, tensors):
        row = self._modules[path]
        where = f"{path or 'the network'} ({row['type']})"
        if "attributes" in row:
            _check_dimensions(DIMENSIONS.get(row["type"]), tensors[0], where)
            result = _LEAVES[row["type"]](tensors[0], row["attributes"], self._weights[path])
            self._bounds.step(where, row["attributes"], [*tensors, *self._weights[path].values()], result)
            return result
        values = dict(zip(row["inputs"], tensors, strict=True))
        for call in row["calls"]:
            self._bounds.call(where)
            values[call["name"]] = self._value(call, values, tensors[0].dtype, path)
        return values[row["output"]]

    def _value(self, call, values, dtype, path):
        if "weight" in call:
            return self._tensors[call["weight"]]
        if "number" in call:
            return torch.tensor(call["number"], dtype=dtype)
        given = [values[name] for name in call["args"]]
        if "module" in call:
            return self._call(call["module"], given)
        where = f"{path or 'the network'} ({call['op']})"
        op = TABLE[call["op"]]
        _check_dimensions(op.dimensions, given[0], where)
        result = op.run(given, call["attributes"])
        self._bounds.step(where, call["attributes"], given, result)
        return result


def _check_dimensions(expected, x, where):
    if refusal := refused_dimensions(expected, x):
        raise ExportError(f"{where}: {refusal}")
