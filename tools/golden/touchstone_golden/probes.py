"""PyTorch's answers to the probes of gradient rules, as golden/probes.json: `python -m touchstone_golden probes`.

A probe asks about one thing that ports get wrong. Its inputs are small and mostly integers, so that the answer can be
checked by hand and float32 gives it exactly; inputs and answer are NCHW, computed in float64. `touchstone doctor
--probes` shows the answers of TF.js.
"""

import json
import os

import torch
import torch.nn.functional as F

PROBES = {}
"""id → (what is asked, inputs → answer, inputs)"""


def probe(name, asks, **inputs):
    """`inputs` are nested lists, or tensors."""

    def add(answer):
        PROBES[name] = (
            asks,
            answer,
            {key: torch.as_tensor(value, dtype=torch.float64) for key, value in inputs.items()},
        )
        return answer

    return add


def gradient(output, x, grad_output=None):
    """Of Σ output·grad_output with respect to x, in the shape of x."""
    return torch.autograd.grad(output, x, torch.ones_like(output) if grad_output is None else grad_output)[0]


def counted(*shape, first=1):
    """first, first + 1, …"""
    return torch.arange(first, first + torch.Size(shape).numel(), dtype=torch.float64).reshape(shape)


# Max pooling


@probe(
    "max-pool-ties", "max pool of equal values: which of them the gradient goes to", x=[[[[5, 5, 0, 7], [5, 5, 7, 7]]]]
)
def _(x):
    return gradient(F.max_pool2d(x, 2), x)


@probe(
    "max-pool-not-positive",
    "max pool whose maximum is negative or zero: whether the gradient is kept",
    x=[[[[-4, -2, -1, -9], [-3, -1, 0, -9]]]],
)
def _(x):
    return gradient(F.max_pool2d(x, 2), x)


@probe("max-pool-ceil", "max pool with ceil_mode, 5×5 by 2×2: the windows at the edge", x=counted(1, 1, 5, 5))
def _(x):
    return F.max_pool2d(x, 2, ceil_mode=True)


@probe(
    "max-pool-ceil-gradient",
    "the same: whether the windows at the edge receive gradient",
    x=counted(1, 1, 5, 5),
    R=counted(1, 1, 3, 3),
)
def _(x, R):
    return gradient(F.max_pool2d(x, 2, ceil_mode=True), x, R)


@probe("max-pool-padding", "max pool padded by 1: explicit padding, and that it never wins", x=-counted(1, 1, 5, 5))
def _(x):
    return F.max_pool2d(x, 3, stride=2, padding=1)


# Average pooling, convolution, resizing


@probe(
    "average-pool-padding",
    "average pool of ones padded by 1: whether zeros count (count_include_pad)",
    x=torch.ones(1, 1, 3, 3),
)
def _(x):
    return F.avg_pool2d(x, 3, stride=1, padding=1)


@probe(
    "convolution-padding", "convolution padded by 1: explicit padding", x=counted(1, 1, 3, 3), w=[[[[1, 2], [3, 5]]]]
)
def _(x, w):
    return F.conv2d(x, w, padding=1)


@probe(
    "convolution-kernel-gradient",
    "the gradient of a convolution's weight",
    x=counted(1, 2, 3, 3),
    w=counted(1, 2, 2, 2),
    R=[[[[1, -1], [2, 3]]]],
)
def _(x, w, R):
    return gradient(F.conv2d(x, w), w, R)


@probe(
    "depthwise-input-gradient",
    "the gradient of a depthwise convolution's input",
    x=counted(1, 2, 3, 3),
    w=counted(2, 1, 2, 2),
    R=counted(1, 2, 2, 2),
)
def _(x, w, R):
    return gradient(F.conv2d(x, w, groups=2), x, R)


@probe("bilinear", "bilinear resizing with half-pixel centres", x=[[[[0, 4], [8, 20]]]])
def _(x):
    return F.interpolate(x, size=(4, 4), mode="bilinear", align_corners=False)


@probe("bilinear-gradient", "its gradient", x=[[[[0, 4], [8, 20]]]], R=counted(1, 1, 4, 4))
def _(x, R):
    return gradient(F.interpolate(x, size=(4, 4), mode="bilinear", align_corners=False), x, R)


# Functions where their gradient jumps


@probe("relu6-gradient", "the gradient of ReLU6 at 0, 3, 6 and 7", x=[0, 3, 6, 7])
def _(x):
    return gradient(F.relu6(x), x)


@probe("abs-gradient", "the gradient of |x| at -2, 0 and 2", x=[-2, 0, 2])
def _(x):
    return gradient(torch.abs(x), x)


@probe("norm-of-zero", "the gradient of the Euclidean norm at zero", x=[0, 0, 0])
def _(x):
    return gradient(torch.linalg.vector_norm(x), x)


@probe("max-ties", "the gradient of the maximum of 2, 2 and 1", x=[2, 2, 1])
def _(x):
    return gradient(torch.amax(x, 0), x)


@probe("gather-gradient", "the gradient of gathering rows 2, 0 and 2", x=counted(3, 2), R=counted(3, 2))
def _(x, R):
    return gradient(torch.index_select(x, 0, torch.tensor([2, 0, 2])), x, R)


@probe("maximum-tie", "the gradient of max(x, 2) at 1, 2 and 3 with respect to x", x=[1, 2, 3], y=[2, 2, 2])
def _(x, y):
    return gradient(torch.maximum(x, y), x)


@probe("clamp-limits", "the gradient of x between -1 and 1 at -2, -1, 0, 1 and 2", x=[-2, -1, 0, 1, 2])
def _(x):
    return gradient(torch.clamp(x, -1, 1), x)


@probe("power-zero", "the gradient of x to the power of 0 at 0 and 2", x=[0, 2])
def _(x):
    return gradient(torch.pow(x, 0), x)


@probe("leaky-relu-gradient", "the gradient of LeakyReLU with slope 1/4 at -1, 0 and 1", x=[-1, 0, 1])
def _(x):
    return gradient(F.leaky_relu(x, 0.25), x)


@probe("elu-gradient", "the gradient of ELU at -1, 0 and 1", x=[-1, 0, 1])
def _(x):
    return gradient(F.elu(x), x)


@probe("selu-gradient", "the gradient of SELU at -1, 0 and 1", x=[-1, 0, 1])
def _(x):
    return gradient(F.selu(x), x)


@probe("prelu-gradient", "the gradient of PReLU's weight", x=[[-2, 1], [0, -3]], w=[0.25, 0.5])
def _(x, w):
    return gradient(F.prelu(x, w), w)


@probe("softplus", "softplus where e to the power of x overflows or vanishes", x=[-100, -1, 0, 100])
def _(x):
    return F.softplus(x)


@probe("erf", "the error function", x=[-2, -0.5, 0.25, 1, 3])
def _(x):
    return torch.erf(x)


@probe(
    "softmax-gradient", "the gradient of softmax where e to the power of x overflows", x=[1000, 1001, 0], R=[1, 3, 2]
)
def _(x, R):
    return gradient(F.softmax(x, 0), x, R)


# Optimisers: the image after each of three steps, [3, n]; gradients as large as 1 and as small as ε.

STEPS = {"x": [1, -2, 0.5], "gradients": [[0.5, -0.002, 1e-6], [-0.25, 0.001, 2e-6], [0.5, 0.002, 1e-6]]}


def after_each_step(optimiser, x, gradients):
    image = x.clone().requires_grad_()
    steps = optimiser([image])
    images = []
    for each in gradients:
        image.grad = each.clone()
        steps.step()
        images.append(image.detach().clone())
    return torch.stack(images)


@probe("adam", "three steps of Adam, rate 0.1, the rest default", **STEPS)
def _(x, gradients):
    return after_each_step(lambda images: torch.optim.Adam(images, lr=0.1), x, gradients)


@probe("rmsprop", "three steps of RMSprop, rate 0.1, the rest default", **STEPS)
def _(x, gradients):
    return after_each_step(lambda images: torch.optim.RMSprop(images, lr=0.1), x, gradients)


@probe("adagrad", "three steps of Adagrad, rate 0.1, the rest default", **STEPS)
def _(x, gradients):
    return after_each_step(lambda images: torch.optim.Adagrad(images, lr=0.1), x, gradients)


def rows():
    for name, (asks, answer, inputs) in PROBES.items():
        given = [
            value.clone().requires_grad_(not name.startswith(("adam", "rmsprop", "adagrad")))
            for value in inputs.values()
        ]
        yield {
            "id": name,
            "asks": asks,
            "inputs": {key: written(value) for key, value in inputs.items()},
            "answer": written(answer(*given)),
        }


def written(tensor):
    return {"shape": list(tensor.shape), "data": tensor.detach().contiguous().flatten().tolist()}


def write_probes(golden):
    """Writes probes.json, one probe per line. Run `manifest` afterwards."""
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows())
    part = golden / ".probes.json.part"
    part.write_text(f'{{"torch": "{torch.__version__}", "probes": [\n{lines}\n]}}\n', encoding="utf-8")
    os.replace(part, golden / "probes.json")
