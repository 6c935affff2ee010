"""A network's answer and gradient from its two files alone, by the operators below torch.nn.

A program may have replaced functions and classes of torch.nn, or set hooks on all modules: guided backpropagation is
often installed in this way. Nothing of that reaches the replay.
"""

import torch

from .bounds import Bounds
from .faults import ExportError

aten = torch.ops.aten

_DIMENSIONS = {
    **dict.fromkeys(("Conv2d", "BatchNorm2d", "ZeroPad2d"), 4),
    **dict.fromkeys(("MaxPool2d", "AvgPool2d", "AdaptiveAvgPool2d"), 4),
    **dict.fromkeys(("max_pool2d", "avg_pool2d", "adaptive_avg_pool2d"), 4),
    "Linear": 2,
}
"""Of the input, where the format knows one number only."""


def _conv2d(x, a, w):
    geometry = (a["stride"], a["padding"], a["dilation"])
    return aten.conv2d(x, w["weight"], w.get("bias"), *geometry, a["groups"])


def _batch_norm(x, a, w):
    statistics = w["running_mean"], w["running_var"]
    return aten.batch_norm(x, w.get("weight"), w.get("bias"), *statistics, False, 0.0, a["eps"], False)


def _relu(x, a, w):
    return aten.relu_(x) if a["inplace"] else aten.relu(x)


def _relu6(x, a, w):
    return (aten.hardtanh_ if a["inplace"] else aten.hardtanh)(x, 0.0, 6.0)


def _max_pool2d(x, a, w):
    return aten.max_pool2d(x, a["kernelSize"], a["stride"], a["padding"], a["dilation"], a["ceilMode"])


def _avg_pool2d(x, a, w):
    divisor = a["countIncludePad"], a["divisorOverride"]
    return aten.avg_pool2d(x, a["kernelSize"], a["stride"], a["padding"], a["ceilMode"], *divisor)


def _adaptive_avg_pool2d(x, a, w):
    size = [given or own for given, own in zip(a["outputSize"], x.shape[2:], strict=True)]
    return aten.adaptive_avg_pool2d(x, size)


def _flatten(x, a, w):
    return aten.flatten.using_ints(x, a["startDim"], a["endDim"])


def _same(x, a, w):
    return x


_ONE_INPUT = {
    "Conv2d": _conv2d,
    "Linear": lambda x, a, w: aten.linear(x, w["weight"], w.get("bias")),
    "BatchNorm2d": _batch_norm,
    "ReLU": _relu,
    "ReLU6": _relu6,
    "MaxPool2d": _max_pool2d,
    "AvgPool2d": _avg_pool2d,
    "AdaptiveAvgPool2d": _adaptive_avg_pool2d,
    "ZeroPad2d": lambda x, a, w: aten.constant_pad_nd(x, a["padding"]),
    "Dropout": _same,
    "Flatten": _flatten,
    "Identity": _same,
    "relu": _relu,
    "relu6": _relu6,
    "max_pool2d": _max_pool2d,
    "avg_pool2d": _avg_pool2d,
    "adaptive_avg_pool2d": _adaptive_avg_pool2d,
    "flatten": _flatten,
    "dropout": _same,
}


class Replay:
    """Calls a description with these weights (name → tensor). Raises ExportError, naming the module, for an input with
    another number of dimensions than the format knows, and for a pass beyond its bounds.
    """

    def __init__(self, description, weights):
        self._modules = description["modules"]
        self._weights = {path: {} for path in self._modules}
        for name, tensor in weights.items():
            path, _, own = name.rpartition(".")
            self._weights[path][own] = tensor

    def __call__(self, x):
        return self.call("", [x])

    def call(self, path, tensors):
        """The output of the module at `path` for its inputs."""
        self._bounds = Bounds(tensors[0])
        with torch._C.DisableTorchFunction():  # and no mode of the caller's
            return self._call(path, tensors)

    def _call(self, path, tensors):
        row = self._modules[path]
        if "attributes" in row:
            where = f"{path or 'the network'} ({row['type']})"
            return self._step(row["type"], tensors, row["attributes"], self._weights[path], where)
        values = dict(zip(row["inputs"], tensors, strict=True))
        for call in row["calls"]:
            self._bounds.call(f"{path or 'the network'} ({row['type']})")
            given = [values[name] for name in call["args"]]
            values[call["name"]] = (
                self._call(call["module"], given)
                if "module" in call
                else self._step(call["op"], given, call["attributes"], {}, f"{path or 'the network'} ({call['op']})")
            )
        return values[row["output"]]

    def _step(self, kind, tensors, attributes, weights, where):
        result = self._result(kind, tensors, attributes, weights, where)
        self._bounds.step(where, attributes, tensors[0], result)
        return result

    def _result(self, kind, tensors, attributes, weights, where):
        if kind == "add":
            return aten.add(*tensors)
        if kind == "cat":
            return aten.cat(tensors, attributes["dim"])
        expected = _DIMENSIONS.get(kind, tensors[0].dim())
        if tensors[0].dim() != expected:
            form = "[images, features]" if expected == 2 else "[images, channels, height, width]"
            raise ExportError(
                f"{where}: receives {tensors[0].dim()} dimensions, {list(tensors[0].shape)}; "
                f"only {form} is supported, so give it that shape before"
            )
        return _ONE_INPUT[kind](tensors[0], attributes, weights)
