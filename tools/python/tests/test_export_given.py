"""What people hold in their hands: wrapped networks, parts that forward never uses, numbers that are not finite."""

import json
import warnings

import pytest
import torch
import torch.nn.functional as F
import torchvision
from torch import nn

from touchstone import ExportError, export_network, load_network
from touchstone.network import bounds


class Net(nn.Module):
    def __init__(self, between=None, **unused):
        super().__init__()
        torch.manual_seed(0)
        self.conv, self.between, self.head = nn.Conv2d(3, 4, 3), between or nn.Identity(), nn.Linear(4, 2)
        for name, part in unused.items():
            setattr(self, name, part)

    def forward(self, x):
        return self.head(self.between(self.conv(x)).mean((2, 3)))


X = torch.randn(2, 3, 8, 8, generator=torch.Generator().manual_seed(1))


def rows(folder):
    return json.loads((folder / "network.json").read_text())["modules"]


def with_nan(net, name):
    with torch.no_grad():
        net.get_parameter(name).view(-1)[1] = float("nan")
    return net


def overflowing():
    net = Net(nn.Sequential(nn.ReLU(), nn.Conv2d(4, 4, 1)))
    with torch.no_grad():
        net.between[1].weight.fill_(3e38)
        net.conv.weight.fill_(1e5)
    return net


def plain_weight():
    net = Net()
    weight = net.conv.weight.detach()
    del net.conv.weight
    net.conv.weight = weight
    return net


def sparse_weight():
    net = Net()
    net.head.weight = nn.Parameter(net.head.weight.detach().to_sparse())
    return net


def made_under_inference_mode():
    with torch.inference_mode():
        return Net()


class Compiled(nn.Module):
    def __init__(self):
        super().__init__()
        self._orig_mod = nn.Identity()

    def forward(self, x):
        return self._orig_mod(x)


REFUSED = {
    "a function": (lambda: lambda x: x, ["torch.nn.Module", "function"]),
    "nothing": (lambda: None, ["torch.nn.Module", "NoneType"]),
    "a class": (lambda: Net, ["torch.nn.Module", "type"]),
    "a script": (lambda: torch.jit.script(nn.Sequential(nn.ReLU())), ["TorchScript", "made from"]),
    "a trace": (lambda: torch.jit.trace(nn.ReLU(), X), ["TorchScript", "made from"]),
    "a scripted part": (lambda: Net(torch.jit.script(nn.ReLU())), ["between", "TorchScript"]),
    "a wrapped part": (lambda: Net(nn.DataParallel(nn.ReLU())), ["between (DataParallel)", ".module"]),
    "a compiled part": (lambda: Net(Compiled()), ["between (Compiled)", "_orig_mod"]),
    "a lazy layer": (lambda: Net(nn.LazyConv2d(4, 1)), ["between.weight", "not initialised"]),
    "a plain tensor as weight": (plain_weight, ["conv.weight", "nn.Parameter"]),
    "a sparse weight": (sparse_weight, ["head.weight", "sparse"]),
    "weights made under inference_mode": (made_under_inference_mode, ["conv.weight", "inference_mode"]),
    "what torch.export gives": (
        lambda: torch.export.export(Net().eval(), (X,)).module(),
        ["eval mode", "torch.nn.Module"],
    ),
    "NaN as weight": (lambda: with_nan(Net(), "conv.weight"), ["conv.weight", "1 of 108 values"]),
    "an answer that overflows": (overflowing, ["between.1 (Conv2d)", "infinite"]),
}


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning")
def test_refused(name, tmp_path):
    make, words = REFUSED[name]
    with pytest.raises(ExportError) as error:
        export_network(make(), X, tmp_path / "net")
    assert [word for word in words if word not in str(error.value)] == [], str(error.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("example", "words"),
    [
        (X[:0], "at least one image"),
        (X * float("nan"), "example_input holds NaN"),
        (X[0], "example_input"),
        (X[:, :2], "does not run on"),
    ],
)
def test_refused_example(example, words, tmp_path):
    with pytest.raises(ExportError, match=words):
        export_network(Net(), example, tmp_path / "net")


def deep(levels):
    """Containers that call the next twice."""
    inner = nn.ReLU()
    for _ in range(levels):
        inner = nn.Sequential(inner, inner)
    return nn.Sequential(inner, nn.Flatten())


TOO_MUCH = {
    "calls": (lambda: deep(4), {"MAX_CALLS": 20}, r"0.*\(Sequential\): is where a pass exceeds 20 calls"),
    "multiplications": (Net, {"MAX_WORK": 1e3}, r"conv \(Conv2d\): is where a pass exceeds 1e\+03 mult"),
    "input": (Net, {"MAX_INPUT": 100}, "example_input has 192 values per image"),
}


@pytest.mark.parametrize("name", TOO_MUCH)
def test_what_no_session_would_run(name, tmp_path, monkeypatch):
    make, limits, words = TOO_MUCH[name]
    for limit, value in limits.items():
        monkeypatch.setattr(bounds, limit, value)
    with pytest.raises(ExportError, match=words):
        export_network(make(), X, tmp_path / "net")


def test_padding_counts_among_the_values_of_a_tensor():
    x, y = torch.empty(1, 1, 6, 6, device="meta"), torch.empty(1, 1, 2, 2, device="meta")
    conv = {"kernelSize": [3, 3], "padding": [4096, 4096], "inChannels": 1, "groups": 1}
    with pytest.raises(ExportError, match="a: is where a tensor exceeds 16777216 values"):
        bounds.Bounds(x).step("a", conv, [x], y)
    bounds.Bounds(x).step("a", {**conv, "padding": [64, 64]}, [x], y)


DIMENSIONS = {
    "pooling on 3": (nn.Sequential(nn.Flatten(0, 1), nn.MaxPool2d(2)), r"1 \(MaxPool2d\): receives 3 dimensions"),
}


@pytest.mark.parametrize("name", DIMENSIONS)
def test_dimensions(name, tmp_path):
    net, words = DIMENSIONS[name]
    with pytest.raises(ExportError, match=words):
        export_network(net, X, tmp_path / "net")


def test_data_parallel_is_unwrapped(tmp_path):
    export_network(nn.DataParallel(Net()), X, tmp_path / "net")
    assert list(rows(tmp_path / "net")) == ["", "conv", "between", "head"]


class Counting(nn.Conv2d):
    """PyTorch's forward, and a buffer that it does not use."""

    def __init__(self):
        super().__init__(4, 4, 1)
        self.register_buffer("count", torch.zeros(3))


class Counter(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("seen", torch.zeros(3, dtype=torch.long))

    def forward(self, x):
        return self.seen


UNUSED = {
    "loss": ({"loss": nn.CrossEntropyLoss(weight=torch.ones(2))}, [], ["loss (CrossEntropyLoss)"]),
    "loss without tensors": ({"loss": nn.CrossEntropyLoss()}, [], []),
    "metric": ({"metric": Counter()}, [], ["metric (Counter)"]),
    "kept": ({"aux": nn.Sequential(nn.Linear(4, 3), nn.ReLU())}, ["aux.0", "aux.1"], []),
    "head with a part unknown": (
        {"projection": nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3))},
        [],
        ["projection (Sequential)"],
    ),
    "a list of both": (
        {"list": nn.ModuleList([nn.PReLU(), nn.ReLU()])},
        [],
        ["list (ModuleList)"],
    ),
    "half precision": ({"old": nn.Linear(2, 2).half()}, [], ["old (Linear)"]),
    "not finite": ({"old": with_nan(nn.Linear(2, 2), "weight")}, [], ["old (Linear)"]),
    "a tensor of a leaf": ({"between": Counting()}, [], ["between.count"]),
    "own tensors": ({"queue": nn.Parameter(torch.ones(3)), "loss": nn.PReLU()}, [], ["queue", "loss (PReLU)"]),
}


@pytest.mark.parametrize("name", UNUSED)
def test_what_forward_never_uses(name, tmp_path):
    parts, kept, left_out = UNUSED[name]
    net = Net(**parts)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        export_network(net, X, tmp_path / "net")
    assert list(rows(tmp_path / "net")) == ["", "conv", "between", "head", *kept]
    assert [str(each.message) for each in said] == (
        [f"left out, because forward never uses them: {', '.join(left_out)}"] if left_out else []
    )
    with torch.no_grad():
        assert torch.equal(load_network(tmp_path / "net")(X.clone()), net.eval()(X.clone()))


class Function(nn.Module):
    def __init__(self, run):
        super().__init__()
        self.run = run

    def forward(self, x):
        return self.run(self, x)


NOTHING = {
    **{name: getattr(nn, name)(0.3) for name in ("Dropout2d", "Dropout3d", "AlphaDropout")},
    "FeatureAlphaDropout": nn.FeatureAlphaDropout(0.3),
    "F.dropout2d": Function(lambda net, x: F.dropout2d(x, 0.3, net.training)),
    "F.alpha_dropout": Function(lambda net, x: F.alpha_dropout(x, 0.3)),
    "stochastic depth": torchvision.ops.StochasticDepth(0.2, "row"),
    "drop block": torchvision.ops.DropBlock2d(0.2, 3),
}


@pytest.mark.parametrize("name", NOTHING)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_nothing_in_eval(name, tmp_path):
    net = Net(NOTHING[name])
    export_network(net, X, tmp_path / "net")
    with torch.no_grad():
        assert torch.equal(load_network(tmp_path / "net")(X.clone()), net.eval()(X.clone()))


def test_channels_last_and_transposed_views(tmp_path):
    net = nn.Sequential(
        nn.Conv2d(3, 16, 3, padding=1), nn.BatchNorm2d(16), nn.Conv2d(16, 32, 3), nn.Flatten(), nn.Linear(1152, 2)
    ).to(memory_format=torch.channels_last)
    net[4].weight = nn.Parameter(0.1 * torch.randn(1152, 2).t())
    export_network(net, X.transpose(2, 3), tmp_path / "net")
    with torch.no_grad():
        torch.testing.assert_close(load_network(tmp_path / "net")(X), net.eval()(X))
