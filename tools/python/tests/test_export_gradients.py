"""An export whose gradient is not the module's own is refused: module and cause are named, nothing is written."""

import copy

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.modules.module import register_module_full_backward_hook
from torch.nn.utils import prune

from touchstone import ExportError, export_network
from touchstone.network.proof import _inputs


class Net(nn.Module):
    """conv → `box`, which does `body(self, x)` → the mean of each channel → linear"""

    def __init__(self, body):
        super().__init__()
        torch.manual_seed(0)
        self.conv, self.box, self.head = nn.Conv2d(3, 4, 3), Box(body), nn.Linear(4, 2)

    def forward(self, x):
        return self.head(self.box(self.conv(x)).mean((2, 3)))


class Box(nn.Module):
    def __init__(self, body):
        super().__init__()
        self.body, self.inside, self.relu = body, nn.Conv2d(4, 4, 1), nn.ReLU()

    def forward(self, x):
        return self.body(self, x)


class Reverse(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return torch.relu(x)

    @staticmethod
    def backward(ctx, g):
        return -g


class Clipped(torch.autograd.Function):
    """A ReLU whose gradient is clipped: small ones do not show it."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return torch.relu(x)

    @staticmethod
    def backward(ctx, g):
        return (g * (ctx.saved_tensors[0] > 0)).clamp(-1e6, 1e6)


def _no_grad(box, x):
    with torch.no_grad():
        return box.inside(x)


@torch.no_grad()
def _decorated(box, x):
    return box.inside(x)


def _set(box, x):
    torch.set_grad_enabled(False)
    y = box.inside(x)
    torch.set_grad_enabled(True)
    return y


def _left_off(box, x):
    y = box.inside(x)
    torch.set_grad_enabled(False)
    return box.relu(y)


def _side(box, x):
    with torch.no_grad():
        y = box.inside(x)
    return box.relu(x + y)


def _inference(box, x):
    with torch.inference_mode():
        return box.inside(x)


X = torch.randn(2, 3, 8, 8, generator=torch.Generator().manual_seed(1))

HIDDEN = {
    "no_grad": (_no_grad, ["box (Box)", "no_grad"]),
    "decorator": (_decorated, ["box (Box)", "no_grad"]),
    "set_grad_enabled": (_set, ["box (Box)", "set_grad_enabled"]),
    "set_grad_enabled and left": (_left_off, ["box (Box)", "set_grad_enabled"]),
    "one of two branches": (_side, ["box (Box)", "no_grad"]),
    "inference_mode": (_inference, ["box (Box)", "inference_mode"]),
    "detach": (lambda box, x: box.inside(x.detach()), ["box (Box)", ".detach()", "gradient ends"]),
    "data": (lambda box, x: box.inside(x.data), ["box (Box)", ".data", "gradient ends"]),
    "gradient reversal": (lambda box, x: Reverse.apply(box.inside(x)), ["box (Box)", "Reverse"]),
    "an own backward that mostly agrees": (
        lambda box, x: Clipped.apply(box.inside(x)),
        ["box (Box)", "Clipped"],
    ),
    "a hook on a tensor": (lambda box, x: x.register_hook(lambda g: -g) and box.inside(x), ["box", "register_hook"]),
}


@pytest.mark.parametrize("name", HIDDEN)
def test_hidden_gradient(name, tmp_path):
    body, words = HIDDEN[name]
    refused(Net(body), words, tmp_path)
    assert torch.is_grad_enabled() and not torch.is_inference_mode_enabled()


def refused(net, words, tmp_path):
    with pytest.raises(ExportError) as error:
        export_network(net, X, tmp_path / "net")
    assert [word for word in words if word not in str(error.value)] == [], str(error.value)
    assert list(tmp_path.iterdir()) == []


def plain_net():
    return Net(lambda box, x: box.relu(box.inside(x)))


def _pruned(net):
    prune.l1_unstructured(net.box.inside, "weight", amount=0.5)


LEFT = {
    "forward hook": (lambda net: net.box.register_forward_hook(lambda m, a, y: y), ["box (Box)", "_forward_hook"]),
    "forward pre-hook": (lambda net: net.box.register_forward_pre_hook(lambda m, a: a), ["box (Box)", "pre_hook"]),
    "backward hook": (
        lambda net: net.box.relu.register_full_backward_hook(lambda m, a, g: a),
        ["box.relu (ReLU)", "register_full_backward_hook"],
    ),
    "backward pre-hook": (
        lambda net: net.box.relu.register_full_backward_pre_hook(lambda m, g: g),
        ["box.relu (ReLU)", "register_full_backward_pre_hook"],
    ),
    "pruning": (_pruned, ["box.inside (Conv2d)", "pruning mask on weight", "prune.remove"]),
    "weight norm": (
        lambda net: nn.utils.weight_norm(net.box.inside),
        ["box.inside", "WeightNorm", "remove_weight_norm"],
    ),
    "spectral norm": (
        lambda net: nn.utils.spectral_norm(net.box.inside),
        ["box.inside", "SpectralNorm", "remove_spectral_norm"],
    ),
    "parametrisation": (
        lambda net: nn.utils.parametrizations.spectral_norm(net.box.inside),
        ["box.inside", "weight (_SpectralNorm)", "remove_parametrizations"],
    ),
}


@pytest.mark.parametrize("name", LEFT)
@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_left_on_a_module(name, tmp_path):
    install, words = LEFT[name]
    net = plain_net()
    install(net)
    refused(net, words, tmp_path)


def test_hooks_of_every_module(tmp_path):
    handle = register_module_full_backward_hook(lambda module, before, after: None)
    try:
        refused(plain_net(), ["every module", "backward_hooks"], tmp_path)
    finally:
        handle.remove()


def test_guided_backpropagation_left_installed_in_torch_nn(tmp_path, monkeypatch):
    """The replay does not run what a program put into torch.nn."""

    class Guided(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x.clamp(min=0)

        @staticmethod
        def backward(ctx, g):
            return g.clamp(min=0) * (ctx.saved_tensors[0] > 0)

    monkeypatch.setattr(nn.ReLU, "forward", lambda self, x: Guided.apply(x))
    refused(plain_net(), ["box.relu (ReLU)", "Guided"], tmp_path)


def test_a_rule_in_torch_nn_that_is_no_autograd_function(tmp_path, monkeypatch):
    monkeypatch.setattr(nn.ReLU, "forward", lambda self, x: x + (torch.relu(x) - x).detach())
    refused(plain_net(), ["box.relu (ReLU)", "detach()"], tmp_path)


def test_the_innermost_module_is_named_also_where_calls_have_constants(tmp_path):
    class Outer(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = Inner()

        def forward(self, x):
            return torch.flatten(self.inner([x, x], rate=1), 1)

    class Inner(nn.Module):
        def forward(self, tensors, rate=0):
            with torch.no_grad():
                y = F.relu(tensors[0])
            return torch.cat([y, tensors[1]], rate)

    refused(Outer(), ["inner (Inner)", "no_grad"], tmp_path)


def test_autocast(tmp_path):
    class Half(Net):
        def forward(self, x):
            with torch.autocast("cpu", dtype=torch.bfloat16):
                return super().forward(x)

    refused(Half(lambda box, x: box.inside(x)), ["the network (Half)", "torch.autocast"], tmp_path)


def test_one_of_several_outputs(tmp_path):
    class Two(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b = nn.Linear(192, 2), nn.Linear(192, 3)

        def forward(self, x):
            with torch.no_grad():
                held = torch.flatten(x, 1)
            return self.a(torch.flatten(x, 1)), self.b(held)

    with pytest.raises(ExportError, match=r"the network \(Two\).*no_grad"):
        export_network(Two(), X, tmp_path / "net", heads=["a", "b"])


def test_proof_inputs_have_zeros_ties_and_random_values():
    first, normal, regions, zeros = _inputs(X)
    assert torch.equal(first, X) and not zeros.any() and normal.unique().numel() == normal.numel()
    assert 0.2 < (regions == 0).float().mean() < 0.8
    assert torch.equal(regions[:, :, 0:3, 0:3], regions[:, :, :1, :1].expand(-1, -1, 3, 3))
    assert all(x.shape == X.shape for x in (first, normal, regions, zeros))
    assert [x.shape[0] for x in _inputs(torch.cat([X, X]))] == [2, 2, 2, 2]


def test_a_network_without_pytorch_gradient_is_proved_by_its_answers(tmp_path):
    """`relu(x) += y` changes what relu's backward needs: PyTorch raises, so there is no gradient to differ from."""

    def body(box, x):
        y = box.relu(box.inside(x))
        y += x
        return y

    export_network(Net(body), X, tmp_path / "net")


def test_memory_formats_and_modes_are_put_back(tmp_path):
    net = copy.deepcopy(plain_net()).to(memory_format=torch.channels_last)
    net.head.weight = nn.Parameter(torch.randn(4, 2).t())
    net.box.eval()
    strides = {name: p.stride() for name, p in net.named_parameters()}
    addresses = {name: p.data_ptr() for name, p in net.named_parameters()}
    export_network(net, X.to(memory_format=torch.channels_last), tmp_path / "net")
    assert {name: p.stride() for name, p in net.named_parameters()} == strides
    assert {name: p.data_ptr() for name, p in net.named_parameters()} == addresses
    assert net.training and not net.box.training and net.conv.training
