"""Shared by the reference methods: the target, the reduction over channels, rules for ReLU calls, captured outputs."""

import re
from contextlib import contextmanager

import torch
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

RELU = {F.relu, F.relu_, torch.relu, torch.relu_, torch.Tensor.relu, torch.Tensor.relu_}
RELU6 = {F.relu6, F.hardtanh, F.hardtanh_}
INPLACE = {F.relu_, torch.relu_, torch.Tensor.relu_, F.hardtanh_}


def score(output, target, heads=None):
    """The target functional of docs/formats.md, summed over the images. `output`: [N,K], or maps [N,K,h,w]; `heads`:
    list of (name, size), side by side in dimension 1.
    """
    if "sum" in target:
        outputs = _outputs_of_heads(output, heads)
        return sum(_expectation(outputs[term["head"]], term["expectation"]) for term in target["sum"])
    z = _outputs_of_heads(output, heads)[target["head"]] if "head" in target else output
    if "similarity" in target:
        return F.cosine_similarity(z, torch.tensor([target["similarity"]], dtype=z.dtype)).sum()
    if "weights" in target:
        weights = torch.tensor(target["weights"], dtype=z.dtype)
        return _of_place(z * weights.reshape(1, -1, *[1] * (z.dim() - 2)), target).sum()
    classes = torch.as_tensor(target["class"]).expand(len(z))
    scores = {"probability": F.softmax, "log-probability": F.log_softmax}.get(target.get("of"), lambda z, _: z)(z, 1)
    scores = scores[torch.arange(len(z)), classes]
    if target.get("region") == "argmax":
        return scores[z.argmax(1) == classes[:, None, None]].sum()
    return _of_place(scores, target).sum()


def _of_place(values, target):
    """The pixel or the region of maps, [...,h,w]; where the target names none, everything."""
    if "pixel" in target:
        y0, x0 = target["pixel"]
        y1, x1 = y0 + 1, x0 + 1
    elif "region" in target:
        y0, x0, y1, x1 = target["region"]
    else:
        return values
    if values.dim() < 3 or not (0 <= y0 < y1 <= values.shape[-2] and 0 <= x0 < x1 <= values.shape[-1]):
        raise ValueError(f"the target {target} is outside of the output")
    return values[..., y0:y1, x0:x1]


def _outputs_of_heads(output, heads):
    sizes = dict(heads)
    return dict(zip(sizes, output.split(list(sizes.values()), 1), strict=True))


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
