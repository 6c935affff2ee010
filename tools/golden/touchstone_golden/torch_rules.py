"""Shared by the reference methods: the target, the reduction over channels, rules for ReLU calls, captured outputs."""

import re
from contextlib import contextmanager

import torch
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

RELU = {F.relu, F.relu_, torch.relu, torch.relu_, torch.Tensor.relu, torch.Tensor.relu_}
RELU6 = {F.relu6, F.hardtanh, F.hardtanh_}
INPLACE = {F.relu_, torch.relu_, torch.Tensor.relu_, F.hardtanh_}


def score(logits, target, heads=None):
    """The target functional, summed over the images.

    The logit of a class (one per image where a list), a weighted sum of logits, or a sum over heads (`heads`: list of
    (name, size), concatenated in `logits`) of the expectation of each one's softmax.
    """
    if "sum" in target:
        sizes = dict(heads)
        outputs = dict(zip(sizes, logits.split(list(sizes.values()), 1), strict=True))
        return sum(_expectation(outputs[term["head"]], term["expectation"]) for term in target["sum"])
    if "weights" in target:
        return (logits * torch.tensor(target["weights"], dtype=logits.dtype)).sum()
    classes = torch.as_tensor(target["class"]).expand(len(logits))
    return logits[torch.arange(len(logits)), classes].sum()


def heads_of(network):
    """(name, size) of each head of a network with several, in the order of its output; else None."""
    heads = getattr(network, "description", {}).get("heads")
    return heads and [(head["name"], head["size"]) for head in heads]


def _expectation(logits, line):
    """Σ_i p_i·(a·i + b) of each image, summed over the images; `line` is such as "3·i−90"."""
    a, sign, b = re.fullmatch(r"([−-]?[\d.]+)[·*]i(?:([+−-])([\d.]+))?", line).groups()
    bins = torch.arange(logits.shape[1], dtype=logits.dtype) * float(a.replace("−", "-"))
    values = bins + float(b or 0) * (1 if sign in (None, "+") else -1)
    return (F.softmax(logits, 1) @ values).sum()


def gradient(network, x, target):
    """Logits, and the gradient of the target with respect to `x`."""
    leaf = x.clone().requires_grad_()
    logits = network(leaf.clone())  # a copy, because a leaf cannot be changed in place
    (g,) = torch.autograd.grad(score(logits, target, heads_of(network)), leaf)
    return logits.detach(), g


def reduce(g, how):
    """[N,C,H,W] unchanged (`none`), or [N,1,H,W]: `abs-max` or `abs-sum` over channels."""
    return {
        "none": lambda: g,
        "abs-max": lambda: g.abs().amax(1, keepdim=True),
        "abs-sum": lambda: g.abs().sum(1, keepdim=True),
    }[how]()


def display(g, style):
    """A gradient [N,C,H,W] as values to be drawn, each image by itself, as the sources show it. `style`: "gradient",
    "guided" or "deconv".
    """
    every = (1, 2, 3)
    if style == "gradient":
        top = g.abs().amax(every, keepdim=True)
        return 0.5 + g / (2 * torch.where(top == 0, 1, top))
    if style == "guided":
        varies = g.amax(every, keepdim=True) > g.amin(every, keepdim=True)  # a constant's mean may be off by a rounding
        std = torch.where(varies, g.std(every, unbiased=False, keepdim=True), torch.inf)
        return ((g - g.mean(every, keepdim=True)) / std * 0.1 + 0.5).clip(0, 1)
    top = g.amax(every, keepdim=True)
    return torch.where(top > 0, g / top, 0) + 0.5


def shown(g, params, style):
    """The stage `display`, where the parameters ask for it."""
    return {"display": display(g, style)} if params.get("display", False) else {}


def relu_call(function, args, kwargs):
    """`(input, ceiling, inplace)` where the call is a ReLU or ReLU6, else None."""
    if function not in RELU and function not in RELU6:
        return None
    names = (
        ("input", "inplace")
        if function not in (F.hardtanh, F.hardtanh_)
        else ("input", "min_val", "max_val", "inplace")
    )
    given = {**dict(zip(names, args)), **kwargs}
    if function in (F.hardtanh, F.hardtanh_) and (given.get("min_val", -1.0), given.get("max_val", 1.0)) != (0.0, 6.0):
        return None
    ceiling = float("inf") if function in RELU else 6.0
    return given["input"], ceiling, function in INPLACE or bool(given.get("inplace", False))


class _Rectify(torch.autograd.Function):
    """One ReLU call, unchanged forward; its backward is `R·1{R>0}`, times the function's own mask where `own_mask`."""

    @staticmethod
    def forward(ctx, x, ceiling, inplace, own_mask):
        ctx.mask = (x > 0) & (x < ceiling) if own_mask else None
        if inplace:
            ctx.mark_dirty(x)
            return x.clamp_(0, ceiling)
        return x.clamp(0, ceiling)

    @staticmethod
    def backward(ctx, R):
        R = R.clamp(min=0)
        return R if ctx.mask is None else R * ctx.mask, None, None, None


class relu_rule(TorchFunctionMode):
    """Within this context every call of ReLU and ReLU6, module or function, has deconv's backward rule, or guided's
    (`own_mask`).
    """

    def __init__(self, own_mask):
        super().__init__()
        self.own_mask = own_mask

    def __torch_function__(self, function, types, args=(), kwargs=None):
        call = relu_call(function, args, kwargs or {})
        return function(*args, **(kwargs or {})) if call is None else _Rectify.apply(*call, self.own_mask)


def leaves(network):
    """Path → module, for every module without children, under its first name."""
    return {path: m for path, m in network.named_modules() if next(m.children(), None) is None}


@contextmanager
def outputs_of(modules):
    """Collects `(path, output)` of every call of the modules (path → module), copied when it returns."""
    seen = []
    hooks = [
        m.register_forward_hook(lambda _m, _a, out, path=path: seen.append((path, out.detach().clone())))
        for path, m in modules.items()
    ]
    try:
        yield seen
    finally:
        for hook in hooks:
            hook.remove()


def last_map(network, x):
    """Path of the last leaf whose last call returns a map: four dimensions, and more than one position."""
    with torch.no_grad(), outputs_of(leaves(network)) as seen:
        network(x.clone())
    last = {}
    for path, out in reversed(seen):
        last.setdefault(path, out)
    return next(path for path, out in last.items() if out.dim() == 4 and out.shape[2] * out.shape[3] > 1)
