"""Functions of each value, and of all values along one dimension."""

from .op import Op, aten

_INPLACE = {"inplace": "true or false"}


def _relu(tensors, a):
    return (aten.relu_ if a["inplace"] else aten.relu)(*tensors)


def _relu6(tensors, a):
    return (aten.hardtanh_ if a["inplace"] else aten.hardtanh)(*tensors, 0.0, 6.0)


def _plain(name):
    return Op(lambda tensors, a: getattr(aten, name)(*tensors))


OPS = {
    "relu": Op(_relu, _INPLACE),
    "relu6": Op(_relu6, _INPLACE),
    "dropout": Op(lambda tensors, a: tensors[0], _INPLACE),
    "sigmoid": _plain("sigmoid"),
    "silu": _plain("silu"),
    "hardswish": _plain("hardswish"),
    "hardsigmoid": _plain("hardsigmoid"),
    "tanh": _plain("tanh"),
    "mish": _plain("mish"),
    "selu": _plain("selu"),
    "exp": _plain("exp"),
    "log": _plain("log"),
    "sqrt": _plain("sqrt"),
    "rsqrt": _plain("rsqrt"),
    "abs": _plain("abs"),
    "erf": _plain("erf"),
    "logsigmoid": _plain("log_sigmoid"),
    "gelu": Op(
        lambda tensors, a: aten.gelu(*tensors, approximate=a["approximate"]), {"approximate": ("none", "tanh")}
    ),
    "leaky_relu": Op(lambda tensors, a: aten.leaky_relu(*tensors, a["negativeSlope"]), {"negativeSlope": "number"}),
    "elu": Op(lambda tensors, a: aten.elu(*tensors, a["alpha"]), {"alpha": "number"}),
    "celu": Op(lambda tensors, a: aten.celu(*tensors, a["alpha"]), {"alpha": "number other than 0"}),
    "softplus": Op(
        lambda tensors, a: aten.softplus(*tensors, a["beta"], a["threshold"]),
        {"beta": "number above 0", "threshold": "number"},
    ),
    "hardtanh": Op(
        lambda tensors, a: aten.hardtanh(*tensors, a["minVal"], a["maxVal"]), {"minVal": "number", "maxVal": "number"}
    ),
    "clamp": Op(
        lambda tensors, a: aten.clamp(*tensors, a["min"], a["max"]), {"min": "number or null", "max": "number or null"}
    ),
    "threshold": Op(
        lambda tensors, a: aten.threshold(*tensors, a["threshold"], a["value"]),
        {"threshold": "number", "value": "number"},
    ),
    "pow": Op(lambda tensors, a: aten.pow(*tensors, a["exponent"]), {"exponent": "number"}),
    "softmax": Op(lambda tensors, a: aten.softmax.int(*tensors, a["dim"]), {"dim": "axis"}),
    "log_softmax": Op(lambda tensors, a: aten.log_softmax.int(*tensors, a["dim"]), {"dim": "axis"}),
    "prelu": Op(lambda tensors, a: aten.prelu(*tensors), {}, (2, 2)),
}
