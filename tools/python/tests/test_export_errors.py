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


def hooked():
    relu = nn.ReLU()
    relu.register_forward_hook(lambda module, args, output: output)
    return relu


def _closures():
    held = []
    keep = Inner(lambda net, x: held.clear() or held.append(x * 2) or x)
    return {"a": Inner(lambda net, x: x + held[0]), "b": keep}


def _remembered(net, x):
    before, net.before = getattr(net, "before", None), x
    return x if before is None else x + before


X = torch.randn(2, 3, 8, 8, generator=torch.Generator().manual_seed(1))

REFUSED = {
    "leaf": (inner(lambda net, x: net.c(x[:, :, None])[:, :, 0], c=nn.Conv3d(4, 4, 1)), ["c (Conv3d)", "conv3d"]),
    "function": (inner(lambda net, x: torch.sin(x)), ["block.inside (Inner)", "torch.sin", "not known"]),
    "nearest": (inner(lambda net, x: torch.logit(x.sigmoid())), ["torch.logit", "the nearest that are supported: log"]),
    "method": (inner(lambda net, x: x.cumsum(1)), ["block.inside", ".cumsum()"]),
    "operator": (inner(lambda net, x: x // 2), ["block.inside", "floor"]),
    "keyword": (inner(lambda net, x: F.max_pool2d(x, 2, return_indices=False, surprise=1)), ["surprise"]),
    "every obstacle": (
        inner(lambda net, x: net.a(torch.sin(x)).cumsum(1), a=Inner(lambda net, x: x if x.sum() > 0 else -x)),
        ["3 obstacles", "torch.sin", "block.inside.a (Inner): operator.bool", ".cumsum()"],
    ),
    "view": (inner(lambda net, x: x.view(2, -1)), [".view()", "x.size(0)", "batch"]),
    "constant of the batch": (
        inner(lambda net, x: x.flatten(1) * torch.arange(x.shape[0] + 1.0)[:, None][:-1]),
        ["block.inside", "constant", "batch"],
    ),
    "images mixed": (inner(lambda net, x: x - x.mean(0)), ["depends on the other images"]),
    "dropout in eval": (inner(lambda net, x: F.dropout(x)), ["dropout", "training=self.training"]),
    "random": (inner(lambda net, x: x + torch.randn_like(x)), ["block.inside", "randn_like", "random"]),
    "control flow": (inner(lambda net, x: x if x.sum() > 0 else -x), ["block.inside (Inner)", "depend on values"]),
    "item": (inner(lambda net, x: x * x.mean().item()), ["block.inside (Inner)", ".item()", "depend on values"]),
    "index of values": (inner(lambda net, x: x[:, x.mean((0, 2, 3)).argmax()]), ["block.inside", "depends on values"]),
    "weight changed": (inner(lambda net, x: x + net.s.add_(1), s=nn.Parameter(torch.ones(1))), ["weight in place"]),
    "own constant": (inner(lambda net, x: torch.cat([x, torch.ones(2, 1, 8, 8)], 1)), ["block.inside", "3 images"]),
    "closure": (inner(lambda net, x: net.a(net.b(x)), **_closures()), ["block.inside.a", "another module"]),
    "batch statistics": (
        inner(lambda net, x: net.b(x), b=nn.BatchNorm2d(4, track_running_stats=False)),
        ["block.inside.b", "batch"],
    ),
    "indices": (
        inner(lambda net, x: net.p(x)[0], p=nn.MaxPool2d(2, return_indices=True)),
        ["block.inside.p", "return_indices"],
    ),
    "hook": (inner(lambda net, x: net.r(x), r=hooked()), ["block.inside.r", "hooks"]),
    "parametrised": (
        inner(lambda net, x: net.c(x), c=nn.utils.parametrizations.weight_norm(nn.Conv2d(4, 4, 1))),
        ["block.inside.c", "parametrisations"],
    ),
    "float64": (inner(lambda net, x: net.c(x), c=nn.Conv2d(4, 4, 1).double()), ["block.inside.c.weight", "float64"]),
    "half": (inner(lambda net, x: net.c(x), c=nn.Conv2d(4, 4, 1).half()), ["block.inside.c.weight", "float16"]),
    "unregistered": (inner(lambda net, x: net.held[0](x), held=[nn.ReLU()]), ["block.inside", "registered"]),
    "written elsewhere": (inner(lambda net, x: torch.add(x, 1, out=torch.empty(x.shape))), ["torch.add", "out="]),
    "shape in place": (inner(lambda net, x: x.unsqueeze_(1)), [".unsqueeze_()", "shape of a tensor in place"]),
    "no values": (inner(lambda net, x: torch.cat([x, x[:, :0]], 1)), ["block.inside", "[2, 0, 8, 8]"]),
    "too many dimensions": (inner(lambda net, x: x.reshape(-1, *[1] * 8, 256)), [".reshape()", "at most 8"]),
    "kept for the next call": (inner(_remembered), ["on 3 after them", "keep nothing for its next call"]),
    "a single number": (Inner(lambda net, x: x.sum()), ["one number for all images"]),
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
    "+= on what the caller gave": (lambda net, x: operator.iadd(x, net.a(x)), True),
    "+= on what Identity handed on": (lambda net, x: operator.iadd(net.same(x), net.a(x)), True),
    "+= on a value that is read later": (lambda net, x: _read_later(net.a(x), x), True),
    "+= on a value that a container handed back": (lambda net, x: _read_later(net.a(x), x, net.through), True),
    "+= on a view of a value that is read later": (lambda net, x: _view_changed(net.a(x)), False),
    "+= on a slice": (lambda net, x: _slice_changed(net.a(x)), True),
    "+= within a module on what its caller reads later": (lambda net, x: net.adds(x) + x, False),
    "in-place ReLU on a clone": (lambda net, x: F.relu_(x.clone()) + x + net.r(x.contiguous().clone()), True),
    "add_ on a fresh value": (lambda net, x: net.a(x).add_(x), True),
    "in-place ReLU on a flattened value alone": (lambda net, x: F.relu_(torch.flatten(net.a(x), 1)), True),
    "in-place ReLU on a flattened value that is read later": (lambda net, x: _flat_twice(net.a(x)), False),
    "in-place ReLU on what the caller gave": (lambda net, x: net.a(F.relu(x, inplace=True)) + x, True),
}


def _read_later(a, x, through=lambda value: value):
    return operator.iadd(through(a), x) + a


def _view_changed(a):
    a.flatten(1).add_(1)
    return a


def _slice_changed(a):
    a[:, 1:3] += 1
    a[:, :, 0] = 2
    return a[:, 1:] * a[:, :1].relu()


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
        "r": nn.ReLU(inplace=True),
        "adds": Inner(lambda net, x: x.add_(1)),
        "through": nn.Sequential(nn.Dropout(), nn.ReLU(inplace=True)),
    }
    net = inner(forward, **children)
    if not fine:
        with pytest.raises(ExportError, match=r"block\.inside.*can still see; write it out of place"):
            export_network(net, X, tmp_path / "net")
        return
    export_network(net, X, tmp_path / "net")
    with torch.no_grad():
        assert torch.equal(load_network(tmp_path / "net")(X.clone()), net.eval()(X.clone()))
