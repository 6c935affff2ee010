"""Networks as people write them: what each becomes has the same bits, for another number of images too."""

import json
import warnings

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from touchstone import export_network, load_network


class Net(nn.Module):
    def __init__(self, forward, **children):
        super().__init__()
        self.run = forward
        for name, child in children.items():
            setattr(self, name, child)

    def forward(self, *inputs):
        return self.run(self, *inputs)


X = torch.randn(2, 3, 8, 8, generator=torch.Generator().manual_seed(1))


def _tokens(x):
    return x.flatten(2).transpose(1, 2)


def _layer_norm_of_channels(net, x):
    mean = x.mean(1, keepdim=True)
    return (x - mean) / torch.sqrt((x - mean).pow(2).mean(1, keepdim=True) + 1e-6)


def _normalised(net, x):
    mean = torch.tensor([0.1, 0.2, 0.3]).view(1, 3, 1, 1)
    return 1 - (x - mean) / 0.5 * 2 + x.new_ones(8)


def _written(net, x):
    y = x.clone()
    y[:, 1:2].zero_()
    y[:, :, 0] = 1.0
    y[:, 2] *= x[:, 0]
    return y


def _shifted(net, x):
    out = torch.zeros_like(x)
    out[:, :1] = x[:, 1:2]
    return torch.cat([out, x.new_ones(x.shape[0], 1, 8, 8)], 1)


def _masked(net, x):
    y = _tokens(x)
    scores = (y @ y.mT).masked_fill(torch.ones(64, 64).triu(1).bool(), float("-inf"))
    return torch.where(torch.arange(64) % 2 == 0, scores.softmax(-1), 0 * scores.sigmoid()) @ y


def _moved(net, x):
    y = torch.stack(x.unbind(1), 1).roll(1, 2).flip(3)[..., [0, 2, 1]][:, :, None].squeeze(2)
    return y.movedim(1, -1).mT.repeat(1, 2, 1, 1).repeat_interleave(2, 1).unflatten(1, (2, -1)).swapaxes(1, 2)


def _windows(net, x):
    n, c, h, w = x.shape
    y = x.permute(0, 2, 3, 1).view(n, h // 4, 4, w // 4, 4, c).permute(0, 1, 3, 2, 4, 5).reshape(-1, 16, c)
    index = torch.arange(16).view(4, 4)
    bias = net.table[index.view(-1)].view(4, 4, 2).permute(2, 0, 1).mean()
    return (y + bias).view(n, h // 4, w // 4, 4, 4, c).flatten(1)


def _class_token(net, x):
    tokens = _tokens(x)
    return torch.cat([net.token.expand(x.shape[0], -1, -1), tokens], dim=1)[:, 0] + tokens[:, 3:].mean(1)


def _standardised(net, x):
    weight = F.batch_norm(net.c.weight.reshape(1, 4, -1), None, None, training=True, momentum=0.0, eps=1e-6)
    return F.conv2d(x, weight.reshape_as(net.c.weight), net.c.bias)


class Cached(nn.Module):
    """Keeps what it made of its parameter for the next call, as LeViT does."""

    def __init__(self):
        super().__init__()
        self.bias, self.cache = nn.Parameter(torch.randn(3, 4)), {}

    def forward(self, x):
        if "bias" not in self.cache:
            self.cache["bias"] = self.bias[:, torch.arange(8) // 2]
        return x + self.cache["bias"][:, None]


def _scaled(net, x):
    weight = F.batch_norm(net.c.weight.reshape(1, 4, -1), None, None, weight=net.gain, training=True)
    return F.conv2d(x, weight.reshape_as(net.c.weight))


def _levels(net, x):
    a, b = net.two(x)
    return F.interpolate(a, size=x.shape[2:]) + b


class Two(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.scale = nn.Conv2d(3, 4, 1, 2), nn.Parameter(torch.ones(4, 1, 1))
        self.b = nn.Conv2d(3, 4, 1)

    def forward(self, x):
        return self.a(x) * self.scale, self.b(x)


def _attention(weights=False, **options):
    def forward(net, x):
        y = _tokens(x)
        out, seen = net.m(y, y, y)
        return out.mean(1) + seen.mean((1, 2))[:, None] if weights else out[:, 0]

    return Net(forward, m=nn.MultiheadAttention(3, 1, batch_first=True, **options))


NETWORKS = {
    "activations": nn.Sequential(
        *(nn.GELU(), nn.GELU("tanh"), nn.Hardswish(True), nn.SiLU(True), nn.Mish(), nn.PReLU(), nn.ELU()),
        *(nn.SELU(True), nn.CELU(), nn.Softplus(), nn.Tanh(), nn.Hardtanh(), nn.LeakyReLU(0.1, True), nn.Sigmoid()),
        nn.LogSigmoid(),
        *(nn.Hardsigmoid(), nn.Threshold(0.1, 0.2), nn.Softmax(1), nn.LogSoftmax(1), nn.Softmin(1), nn.Tanhshrink()),
        *(nn.Softsign(), nn.Softmax2d(), nn.RReLU(), nn.Flatten()),
    ),
    "normalisations": nn.Sequential(
        *(nn.Conv2d(3, 4, 1), nn.GroupNorm(2, 4), nn.InstanceNorm2d(4, affine=True, track_running_stats=True)),
        *(nn.InstanceNorm2d(4), nn.LocalResponseNorm(2), nn.LayerNorm([4, 8, 8]), nn.RMSNorm(8), nn.Flatten()),
    ),
    "windows": nn.Sequential(
        *(nn.Conv2d(3, 4, 3, padding=1, padding_mode="reflect"), nn.Conv2d(4, 4, 2, padding="same")),
        *(nn.ConvTranspose2d(4, 4, 3, 2, output_padding=1), nn.PixelShuffle(2), nn.PixelUnshuffle(2)),
        nn.ChannelShuffle(2),
        *(nn.Upsample(scale_factor=0.5), nn.Upsample((9, 7), mode="bilinear"), nn.UpsamplingBilinear2d(scale_factor=2)),
        *(nn.ReflectionPad2d(1), nn.ReplicationPad2d((1, 0, 2, 0)), nn.CircularPad2d(1), nn.ConstantPad2d(-1, 2.0)),
        *(nn.ZeroPad2d(-1), nn.AdaptiveMaxPool2d((2, None)), nn.Flatten()),
    ),
    "head of fastai": Net(
        lambda net, x: net.h(torch.cat([F.adaptive_max_pool2d(x, 1), F.adaptive_avg_pool2d(x, 1)], 1)),
        h=nn.Sequential(
            *(nn.Flatten(), nn.BatchNorm1d(6), nn.Dropout(0.2), nn.Linear(6, 5), nn.ReLU(True), nn.BatchNorm1d(5)),
            nn.Linear(5, 2, bias=False),
        ),
    ),
    "U-Net": Net(
        lambda net, x: net.o(torch.cat([net.u(net.d(F.max_pool2d(net.a(x), 2))), net.a(x)], 1)),
        a=nn.Conv2d(3, 4, 3, padding=1), d=nn.Conv2d(4, 6, 3, padding=1), u=nn.ConvTranspose2d(6, 4, 2, 2),
        o=nn.Conv2d(8, 2, 1),
    ),
    "layer norm by hand": Net(_layer_norm_of_channels),
    "normalised inside": Net(_normalised),
    "written in place": Net(_written),
    "written into constants": Net(_shifted),
    "masked": Net(_masked),
    "padded with infinity": Net(lambda net, x: F.max_pool2d(F.pad(x, (1, 0, 1, 0), value=float("-inf")), 3)),
    "moved": Net(_moved),
    "windows of tokens": Net(_windows, table=nn.Parameter(torch.randn(16, 2))),
    "class token": Net(_class_token, token=nn.Parameter(torch.randn(1, 1, 3))),
    "standardised weights": Net(_standardised, c=nn.Conv2d(3, 4, 3)),
    "scaled weights": Net(_scaled, c=nn.Conv2d(3, 4, 3), gain=nn.Parameter(torch.rand(4))),
    "kept for the next call": Cached(),
    "several outputs used": Net(_levels, two=Two()),
    "attention": _attention(),
    "attention's weights": _attention(True),
    "attention with more keys": _attention(add_bias_kv=True),
    "transformer": Net(
        lambda net, x: net.m(_tokens(x))[:, 0],
        m=nn.TransformerEncoder(nn.TransformerEncoderLayer(3, 1, 8, batch_first=True), 2, enable_nested_tensor=False),
    ),
    "transformer before": Net(
        lambda net, x: net.m(_tokens(x))[:, 0],
        m=nn.TransformerEncoderLayer(3, 1, 8, batch_first=True, norm_first=True, activation="gelu"),
    ),
    "sizes": Net(lambda net, x: x.view(x.shape[0], x.size(1), -1).mean(-1) * x.shape[-1] / len(x.shape)),
    "gate": Net(lambda net, x: (lambda a, b: a.sigmoid() * b)(*x[:, :2].chunk(2, 1))),
    "product of dimensions": Net(lambda net, x: torch.einsum("nchw,ncij->nhwij", x, x)),
    "normalize": Net(lambda net, x: F.normalize(x, dim=1)),
    "similarity": Net(lambda net, x: net.m(x[:, 0], x[:, 1]), m=nn.CosineSimilarity()),
    "distance": Net(lambda net, x: net.m(x[:, 0], x[:, 1]), m=nn.PairwiseDistance(keepdim=True)),
    "arithmetic": Net(lambda net, x: -(1 / (2 + x**2)) @ x.transpose(2, 3) - torch.maximum(x, x.neg()).rsqrt()),
    "reductions": Net(lambda net, x: x.amax((2, 3)) + x.max(2)[0].sum(-1) + x.norm(dim=(2, 3)) + x.min(3)[0].mean(2)),
    "slices of a Sequential": Net(
        lambda net, x: net.body[2:](F.gelu(net.body[:2](x))),
        body=nn.Sequential(nn.Conv2d(3, 4, 1), nn.Sequential(nn.BatchNorm2d(4), nn.ReLU()), nn.Conv2d(4, 2, 3)),
    ),
    "a single layer": nn.Flatten(),
    "a single function": nn.GELU(),
    "repeats": Net(lambda net, x: x[:, :, None].repeat(1, 2, 3, 1, 1)[:, :, :, :1].repeat(1, 1, 2, 2, 1)),
    "one map in a dictionary": Net(lambda net, x: {"out": net.a(x)}, a=nn.Conv2d(3, 4, 1)),
}  # fmt: skip


@pytest.mark.parametrize("name", NETWORKS)
def test_supported(name, tmp_path):
    torch.manual_seed(0)
    net = NETWORKS[name].eval()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        export_network(net, X, tmp_path / "net")
        again, images = load_network(tmp_path / "net"), torch.randn(5, 3, 8, 8)
        wanted = net(images.clone())
        wanted = wanted["out"] if isinstance(wanted, dict) else wanted
        assert torch.equal(again(images.clone()), wanted)
    assert not [name for name in again.state_dict() if name not in _names(net) and "constant" not in name]


def _names(net):
    return {f"{start}{name}" for start in ("", "0.") for name in net.state_dict()}


class Signal(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            *(nn.Conv1d(3, 4, 3, padding=1), nn.BatchNorm1d(4), nn.ReLU(), nn.MaxPool1d(2), nn.Conv1d(4, 4, 3, 2)),
            *(nn.AvgPool1d(2), nn.ConvTranspose1d(4, 2, 2), nn.AdaptiveAvgPool1d(1)),
        )

    def forward(self, x):
        return self.body(x).squeeze(-1)


def test_signals_are_images_of_height_1(tmp_path):
    net, x = Signal().eval(), torch.randn(2, 3, 32)
    export_network(net, x, tmp_path / "net")
    again = load_network(tmp_path / "net")
    assert again.description["input"]["shape"] == [3, 1, 32]
    assert torch.equal(again(x[:, :, None]), net(x))


def test_several_inputs_stand_side_by_side(tmp_path):
    net = Net(lambda net, a, b: (net.c(a) - net.c(b)).abs().mean((2, 3)), c=nn.Conv2d(3, 4, 3)).eval()
    export_network(net, (X, X * 2), tmp_path / "net")
    again = load_network(tmp_path / "net")
    assert again.description["input"]["shape"] == [6, 8, 8]
    assert torch.equal(again(torch.cat([X, X * 2], 1)), net(X, X * 2))


def test_weights_of_containers(tmp_path):
    export_network(NETWORKS["class token"], X, tmp_path / "net")
    root = json.loads((tmp_path / "net" / "network.json").read_text())["modules"][""]
    assert root["weights"] == {"token": [1, 1, 3]}
    calls = {call["name"]: call for call in root["calls"]}
    assert calls["token"] == {"name": "token", "weight": "token"}
    assert calls["expand"] == {
        "name": "expand", "op": "expand", "args": ["token", "inputs"], "attributes": {"shape": [None, -1, -1]}
    }  # fmt: skip
