"""What cannot be written is refused by name, and nothing is written."""

import operator

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from touchstone import ExportError, export_network, load_network


class Net(nn.Module):
    """conv → `body(self, x)` → flatten → linear"""

    def __init__(self, body, **children):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, padding=1)
        for name, child in children.items():
            setattr(self, name, child)
        self.body = body

    def forward(self, x):
        return torch.flatten(self.body(self, self.conv(x)), 1)


class Inner(nn.Module):
    def __init__(self, forward, **children):
        super().__init__()
        self.run = forward
        for name, child in children.items():
            setattr(self, name, child)

    def forward(self, x):
        return self.run(self, x)


def inner(forward, **children):
    """A network whose child `block.inside` does `forward`."""
    net = Net(lambda net, x: net.block(x), block=nn.Sequential())
    net.block.add_module("inside", Inner(forward, **children))
    return net


class Overridden(nn.Conv2d):
    def forward(self, x):
        return F.conv2d(F.pad(x, (0, 1, 0, 1)), self.weight, self.bias)


def hooked():
    relu = nn.ReLU()
    relu.register_forward_hook(lambda module, args, output: output)
    return relu


X = torch.randn(2, 3, 8, 8, generator=torch.Generator().manual_seed(1))

REFUSED = {
    "leaf": (
        inner(lambda net, x: net.act(x), act=nn.Sigmoid()),
        ["block.inside.act (Sigmoid)", "Conv2d", "adaptive_avg_pool2d"],
    ),
    "function": (
        inner(lambda net, x: torch.sigmoid(x)),
        ["block.inside (Inner)", "torch.sigmoid", "supported functions: add"],
    ),
    "method": (inner(lambda net, x: x.permute(0, 1, 3, 2)), ["block.inside", ".permute()"]),
    "operator": (inner(lambda net, x: x * 2), ["block.inside", "operator.mul"]),
    "constant added": (inner(lambda net, x: x + 1), ["operator.add", "two tensors"]),
    "alpha": (inner(lambda net, x: torch.add(x, x, alpha=2)), ["torch.add", "alpha"]),
    "keyword": (inner(lambda net, x: F.max_pool2d(x, 2, return_indices=False, surprise=1)), ["surprise"]),
    "pad": (inner(lambda net, x: F.pad(x, (1, 1, 1, 1))), ["pad", "ZeroPad2d"]),
    "mean over channels": (inner(lambda net, x: x.mean([1, 2])), [".mean()", "mean([2, 3])"]),
    "view": (inner(lambda net, x: x.view(2, -1)), [".view()", "x.size(0)"]),
    "view by shapes": (inner(lambda net, x: x.view(x.size(0), x.size(1), -1)), [".view()"]),
    "dropout in eval": (inner(lambda net, x: F.dropout(x)), ["dropout", "training=self.training"]),
    "control flow": (inner(lambda net, x: x if x.sum() > 0 else -x), ["block.inside (Inner)", "cannot be traced"]),
    "own parameter": (
        inner(lambda net, x: x + net.scale, scale=nn.Parameter(torch.ones(1))),
        ["block.inside (Inner)", "the tensor scale"],
    ),
    "own constant": (inner(lambda net, x: torch.cat([x, torch.ones(2, 1, 8, 8)], 1)), ["block.inside", "itself"]),
    "several outputs": (inner(lambda net, x: (x, x)), ["block.inside (Inner)", "one tensor"]),
    "reflected padding": (
        inner(lambda net, x: net.c(x), c=nn.Conv2d(4, 4, 3, padding=1, padding_mode="reflect")),
        ["block.inside.c", "reflect"],
    ),
    "uneven same": (
        inner(lambda net, x: net.c(x), c=nn.Conv2d(4, 4, 2, padding="same")),
        ["block.inside.c", "ZeroPad2d"],
    ),
    "batch statistics": (
        inner(lambda net, x: net.b(x), b=nn.BatchNorm2d(4, track_running_stats=False)),
        ["block.inside.b", "batch"],
    ),
    "indices": (
        inner(lambda net, x: net.p(x)[0], p=nn.MaxPool2d(2, return_indices=True)),
        ["block.inside.p", "return_indices"],
    ),
    "negative padding": (inner(lambda net, x: net.p(x), p=nn.ZeroPad2d(-1)), ["block.inside.p", "negative"]),
    "hook": (inner(lambda net, x: net.r(x), r=hooked()), ["block.inside.r", "hooks"]),
    "parametrised": (
        inner(lambda net, x: net.c(x), c=nn.utils.parametrizations.weight_norm(nn.Conv2d(4, 4, 1))),
        ["block.inside.c", "parametrisations"],
    ),
    "forward overridden": (
        inner(lambda net, x: net.c(x), c=Overridden(4, 4, 2)),
        ["block.inside.c (Overridden)", "pad"],
    ),
    "float64": (inner(lambda net, x: net.c(x), c=nn.Conv2d(4, 4, 1).double()), ["block.inside.c.weight", "float64"]),
    "half": (inner(lambda net, x: net.c(x), c=nn.Conv2d(4, 4, 1).half()), ["block.inside.c.weight", "float16"]),
    "unregistered": (inner(lambda net, x: net.held[0](x), held=[nn.ReLU()]), ["block.inside", "registered"]),
    "two ways": (
        inner(lambda net, x: net.c([net.c([x]), x]), c=Inner(lambda net, x: torch.cat(x, 1))),
        ["block.inside.c", "two ways"],
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name, tmp_path):
    net, words = REFUSED[name]
    with pytest.raises(ExportError) as error:
        export_network(net, X, tmp_path / "net")
    assert [word for word in words if word not in str(error.value)] == [], str(error.value)
    assert list(tmp_path.iterdir()) == []
    assert net.training and not any(
        name.startswith("_tensor_constant") for module in net.modules() for name in vars(module)
    )


ALIASING = {
    "+= on a fresh value": (lambda net, x: operator.iadd(net.a(x), x), True),
    "+= on a container's fresh value": (lambda net, x: operator.iadd(net.s(x), x), True),
    "+= on what the caller gave": (lambda net, x: operator.iadd(x, net.a(x)), False),
    "+= on what Identity handed on": (lambda net, x: operator.iadd(net.same(x), net.a(x)), False),
    "+= on a value that is read later": (lambda net, x: _read_later(net.a(x), x), False),
    "+= on a value that a container handed back": (lambda net, x: _read_later(net.a(x), x, net.through), False),
    "add_ on a fresh value": (lambda net, x: net.a(x).add_(x), True),
    "in-place ReLU on a flattened value alone": (lambda net, x: F.relu_(torch.flatten(net.a(x), 1)), True),
    "in-place ReLU on a flattened value that is read later": (lambda net, x: _flat_twice(net.a(x)), False),
    "in-place ReLU on what the caller gave": (lambda net, x: net.a(F.relu(x, inplace=True)) + x, True),
}


def _read_later(a, x, through=lambda value: value):
    return operator.iadd(through(a), x) + a


def _flat_twice(a):
    flat = F.relu_(torch.flatten(a, 1))
    return flat + torch.flatten(a, 1)


@pytest.mark.parametrize("name", ALIASING)
def test_aliasing(name, tmp_path):
    forward, fine = ALIASING[name]
    children = {
        "a": nn.Conv2d(4, 4, 1),
        "same": nn.Identity(),
        "s": nn.Sequential(nn.Conv2d(4, 4, 1), nn.ReLU()),
        "through": nn.Sequential(nn.Dropout(), nn.ReLU(inplace=True)),
    }
    net = inner(forward, **children)
    if not fine:
        with pytest.raises(ExportError, match=r"block\.inside.*can still see"):
            export_network(net, X, tmp_path / "net")
        return
    export_network(net, X, tmp_path / "net")
    with torch.no_grad():
        assert torch.equal(load_network(tmp_path / "net")(X.clone()), net.eval()(X.clone()))
