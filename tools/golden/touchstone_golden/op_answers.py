"""PyTorch's values and gradients of the functions that networks call, at ties, zeros and far out, in float64:
`python -m touchstone_golden.op_answers FILE`, where FILE is packages/network/src/generated/pytorch-answers.json.

A row is one call as network.json writes it: the function, its attributes, its inputs in NCHW, and what
`torch.autograd.grad` gives for an output gradient of 1, 2, 3, …. NaN and infinities are strings.
"""

import json
import math
import os
import sys

import torch
import torch.nn.functional as F

ROWS = []

inf, nan = math.inf, math.nan
FAR = [-1e30, -100.0, -20.0, -3.0, -1.0, -1e-4, 0.0, 1e-4, 1.0, 3.0, 20.0, 100.0, 1e30, nan]
"""Where exponentials overflow, where they vanish, at zero, next to it, and NaN."""


def row(op, function, *inputs, constant=(), **attributes):
    """`constant`: the inputs that have no gradient."""
    tensors = [torch.as_tensor(value, dtype=torch.float64).clone() for value in inputs]
    for index, tensor in enumerate(tensors):
        tensor.requires_grad_(index not in constant)
    y = function(*tensors)
    weights = torch.arange(1, y.numel() + 1, dtype=torch.float64).reshape(y.shape)
    gradients = torch.autograd.grad(y, [tensor for tensor in tensors if tensor.requires_grad], weights)
    written_inputs = [written(tensor) for tensor in tensors]
    ROWS.append(
        {
            "op": op,
            "attributes": attributes,
            "inputs": written_inputs,
            **({"constant": list(constant)} if constant else {}),
            "output": written(y),
            "gradients": [written(gradient) for gradient in gradients],
        }
    )


def maps(*shape, seed=0):
    """Values in [−2, 2] with zeros, ties and both signs."""
    size = torch.Size(shape).numel()
    return (((torch.arange(size, dtype=torch.float64) + 1) * 7919 + seed * 104729) % 17 - 8).reshape(shape) / 4


def elementwise():
    for op, function in {
        "sigmoid": torch.sigmoid,
        "silu": F.silu,
        "tanh": torch.tanh,
        "mish": F.mish,
        "logsigmoid": F.logsigmoid,
        "abs": torch.abs,
        "selu": F.selu,
        "hardsigmoid": F.hardsigmoid,
        "erf": torch.erf,
    }.items():
        row(op, function, FAR)
    row("erf", torch.erf, [-4, -2, -1.0625, -1, -0.9375, -0.5, 0.25, 0.75, 1.125, 1.5, 2.5, 3.5])
    near = [value for value in FAR if abs(value) != 1e30]
    for approximate in ("none", "tanh"):
        row("gelu", lambda x: F.gelu(x, approximate=approximate), near, approximate=approximate)
    row("hardswish", F.hardswish, FAR[:-1])  # at NaN PyTorch's gradient depends on the length of the tensor
    row("hardswish", F.hardswish, [-3.5, -3, -2.5, 2.5, 3, 3.5])
    row("leaky_relu", lambda x: F.leaky_relu(x, 0.25), FAR, negativeSlope=0.25)
    row("leaky_relu", lambda x: F.leaky_relu(x, 0.25), maps(2, 3, 2, 4), negativeSlope=0.25)
    for alpha in (0.5, 2.0):
        row("elu", lambda x: F.elu(x, alpha), FAR, alpha=alpha)
        row("celu", lambda x: F.celu(x, alpha), FAR, alpha=alpha)
    row("softplus", lambda x: F.softplus(x), FAR, beta=1.0, threshold=20.0)
    row("softplus", lambda x: F.softplus(x, 2, 3), [-1, 0, 1.5, 1.515625, 2], beta=2.0, threshold=3.0)
    row("hardtanh", lambda x: F.hardtanh(x, -1, 2), [-2, -1, 0, 2, 3, nan], minVal=-1.0, maxVal=2.0)
    for low, high in ((-1, 2), (None, 2), (-1, None), (2, -1)):
        row("clamp", lambda x: torch.clamp(x, low, high), [-2, -1, 0, 2, 3, nan], min=low, max=high)
    row("threshold", lambda x: F.threshold(x, 0.5, -3), [0, 0.5, 1, nan], threshold=0.5, value=-3.0)


def powers():
    row("exp", torch.exp, [-100, -1, 0, 1, 80, nan])
    row("log", torch.log, [0, 0.25, 1, 1e30, -1, nan])
    row("sqrt", torch.sqrt, [0, 0.25, 4, 1e30, -1, nan])
    row("rsqrt", torch.rsqrt, [0, 0.25, 4, 1e30, -1, nan])
    for exponent in (-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 5.0):
        row("pow", lambda x: x.pow(exponent), [-2, 0, 0.25, 1, 3], exponent=exponent)


def along_dimensions():
    logits = torch.tensor([[1000.0, 1000.0, -1000.0], [-1e30, 0.0, 1.0], [3.0, nan, 1.0], [-500.0, -500.5, -501.0]])
    for dim in (0, 1):
        row("softmax", lambda x: F.softmax(x, dim), logits, dim=dim)
        row("log_softmax", lambda x: F.log_softmax(x, dim), logits, dim=dim)
    x = maps(2, 3, 2, 4)
    for dim in range(4):
        row("softmax", lambda v: F.softmax(v, dim), x, dim=dim)
    for dims in ([2, 3], [1], [0, 3], [3], []):
        for keepdim in (False, True):
            over = {"dims": dims, "keepdim": keepdim}
            row("mean", lambda v: v.mean(dims or None, keepdim), x, **over)
            row("amax", lambda v: v.amax(dims, keepdim), x, **over)
            row("norm", lambda v: torch.linalg.vector_norm(v, 2, dims or None, keepdim), x, **over)
    row("sum", lambda v: v.sum([0, 2], False), x, dims=[0, 2], keepdim=False)
    row("norm", lambda v: torch.linalg.vector_norm(v, 2, [1], False), torch.zeros(2, 3), dims=[1], keepdim=False)
    for dim in range(4):
        row("max", lambda v: v.max(dim, dim == 1).values, x, dim=dim, keepdim=dim == 1)
    row("max", lambda v: v.max(1).values, [[1, nan, 2, nan], [2, 2, 1, 2]], dim=1, keepdim=False)
    row("prelu", F.prelu, x, [0.25, -0.5, 2])
    row("prelu", F.prelu, maps(2, 3, 5), [0.25, -0.5, 2])
    row("prelu", F.prelu, maps(4, 3), [0.25])


def arithmetic():
    functions = {
        "add": torch.add,
        "sub": torch.sub,
        "mul": torch.mul,
        "div": torch.div,
        "maximum": torch.maximum,
        "minimum": torch.minimum,
    }
    for op, function in functions.items():
        other = (lambda t: t + 5) if op == "div" else (lambda t: t)
        row(op, function, maps(2, 3, 2, 4), other(maps(2, 3, 2, 4, seed=2)))
        row(op, function, maps(2, 3, 2, 4), other(maps(3, 1, 1, seed=2)))
        row(op, function, maps(2, 4), other(maps(2, 3, 2, 4, seed=2)))
        row(op, function, maps(2, 1, 2, 4), other(maps(3, 2, 1, seed=2)))
        row(op, function, maps(2, 2, 3, 2), other(maps(2, 1, 1, 3, 1, seed=2)))
        row(op, function, [1, 2, 3, nan, 1], [2, 2, 2, 1, nan])
    row("div", torch.div, [1, 0, -1], [0, 2, 0])


def normalisation():
    x, sequence, table = maps(2, 4, 2, 3) + 0.5, maps(2, 4, 5), maps(5, 4)
    weight, bias = torch.tensor([0.5, -1, 2, 1.5]), torch.tensor([0.25, 0, -1, 3])
    mean, variance = torch.tensor([0.5, -1, 0, 2]), torch.tensor([0.25, 1, 4, 0])
    for value in (x, sequence, table):
        row(
            "batch_norm",
            lambda v, m, s, w, b: F.batch_norm(v, m, s, w, b, False, 0, 0.01),
            *(value, mean, variance, weight, bias),
            constant=(1, 2),
            eps=0.01,
        )
    for value, shape in ((sequence, [5]), (x, [3]), (x, [2, 3]), (x, [4, 2, 3])):
        w, b = maps(*shape, seed=1), maps(*shape, seed=2)
        over = {"normalizedShape": shape, "eps": 1e-5}
        row("layer_norm", lambda v, w, b: F.layer_norm(v, shape, w, b, 1e-5), value, w, b, **over)
        row("rms_norm", lambda v, w: F.rms_norm(v, shape, w, 1e-5), value, w, **over)
    row("layer_norm", lambda v: F.layer_norm(v, [5], eps=1e-5), torch.ones(2, 5), normalizedShape=[5], eps=1e-5)
    for value in (x, sequence):
        groups = {"numGroups": 2, "eps": 1e-5}
        row("group_norm", lambda v, w, b: F.group_norm(v, 2, w, b, 1e-5), value, weight, bias, **groups)
        row(
            "instance_norm",
            lambda v, w, b: F.instance_norm(v, None, None, w, b, True, 0, 1e-5),
            *(value, weight, bias),
            eps=1e-5,
        )
        for size in (2, 3, 5):
            near = {"size": size, "alpha": 0.5, "beta": 0.75, "k": 2.0}
            row("local_response_norm", lambda v: F.local_response_norm(v, size, 0.5, 0.75, 2.0), value, **near)


def written(tensor):
    numbers = [number if math.isfinite(number) else str(number) for number in tensor.detach().flatten().tolist()]
    return {"shape": list(tensor.shape), "data": numbers}


def main(path):
    for family in (elementwise, powers, along_dimensions, arithmetic, normalisation):
        family()
    lines = ",\n".join(json.dumps(row) for row in ROWS)
    part = f"{path}.part"
    with open(part, "w", encoding="utf-8") as file:
        file.write(f'{{"torch": "{torch.__version__}", "rows": [\n{lines}\n]}}\n')
    os.replace(part, path)


if __name__ == "__main__":
    main(sys.argv[1])
