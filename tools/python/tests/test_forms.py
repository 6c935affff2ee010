"""The spellings of one operation in PyTorch code, and what each becomes."""

import json
import operator

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

    def forward(self, x):
        return self.run(self, x)


class Scaled(nn.Module):
    """Takes a constant next to its tensor, and a list of tensors."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(6, 3, 1)

    def forward(self, tensors, rate=0.0):
        out = self.conv(torch.cat(tensors, 1))
        return F.relu(out) if rate > 0 else out


def _sum_in_place(net, x):
    y = net.conv(x)
    y += x
    return y


HALF = {"kernelSize": [2, 2], "stride": [2, 2], "padding": [0, 0], "ceilMode": False}
POOLED = ("adaptive_avg_pool2d", {"outputSize": [1, 1]})
FLAT = ("flatten", {"startDim": 1, "endDim": -1})

FORMS = {
    "F.relu": (lambda net, x: F.relu(x), [("relu", {"inplace": False})]),
    "F.relu inplace": (lambda net, x: F.relu(net.conv(x), inplace=True), [("relu", {"inplace": True})]),
    "torch.relu": (lambda net, x: torch.relu(x), [("relu", {"inplace": False})]),
    "x.relu": (lambda net, x: x.relu(), [("relu", {"inplace": False})]),
    "x.relu_": (lambda net, x: net.conv(x).relu_(), [("relu", {"inplace": True})]),
    "torch.relu_": (lambda net, x: torch.relu_(net.conv(x)), [("relu", {"inplace": True})]),
    "F.relu6": (lambda net, x: F.relu6(x), [("relu6", {"inplace": False})]),
    "+": (lambda net, x: net.conv(x) + x, [("add", {})]),
    "+=": (_sum_in_place, [("add", {})]),
    "operator.add": (lambda net, x: operator.add(x, x), [("add", {})]),
    "torch.add": (lambda net, x: torch.add(x, net.conv(x)), [("add", {})]),
    "x.add": (lambda net, x: x.add(x), [("add", {})]),
    "torch.cat": (lambda net, x: torch.cat([x, net.conv(x)], dim=1), [("cat", {"dim": 1})]),
    "torch.concat": (lambda net, x: torch.concat((x, x), -1), [("cat", {"dim": -1})]),
    "F.max_pool2d": (lambda net, x: F.max_pool2d(x, 2), [("max_pool2d", {**HALF, "dilation": [1, 1]})]),
    "F.max_pool2d ceil": (
        lambda net, x: F.max_pool2d(x, (3, 2), stride=2, padding=(1, 0), ceil_mode=True),
        [
            (
                "max_pool2d",
                {"kernelSize": [3, 2], "stride": [2, 2], "padding": [1, 0], "ceilMode": True, "dilation": [1, 1]},
            )
        ],
    ),
    "F.avg_pool2d": (
        lambda net, x: F.avg_pool2d(x, 2, count_include_pad=False),
        [("avg_pool2d", {**HALF, "countIncludePad": False, "divisorOverride": None})],
    ),
    "F.adaptive_avg_pool2d": (
        lambda net, x: F.adaptive_avg_pool2d(x, (None, 3)),
        [("adaptive_avg_pool2d", {"outputSize": [None, 3]})],
    ),
    "torch.flatten": (lambda net, x: torch.flatten(x, 1), [FLAT]),
    "x.flatten": (lambda net, x: x.flatten(start_dim=2, end_dim=3), [("flatten", {"startDim": 2, "endDim": 3})]),
    "view by size": (lambda net, x: x.view(x.size(0), -1), [FLAT]),
    "view by shape": (lambda net, x: x.view(x.shape[0], -1), [FLAT]),
    "view by features": (lambda net, x: x.view(-1, 3 * 8 * 8), [FLAT]),
    "reshape": (lambda net, x: x.reshape((x.size()[0], -1)), [FLAT]),
    "torch.reshape": (lambda net, x: torch.reshape(x, (x.size(0), -1)), [FLAT]),
    "contiguous": (lambda net, x: x.contiguous().view(x.size(0), -1), [FLAT]),
    "mean": (lambda net, x: x.mean([2, 3]), [POOLED, FLAT]),
    "mean keepdim": (lambda net, x: x.mean(dim=(-2, -1), keepdim=True), [POOLED]),
    "torch.mean": (lambda net, x: torch.mean(x, (2, 3)), [POOLED, FLAT]),
    "F.dropout": (lambda net, x: F.dropout(x, 0.5, net.training), [("dropout", {"inplace": False})]),
    "lists and constants": (
        lambda net, x: net.scaled([x, x], rate=0.5),
        [("cat", {"dim": 1}), ("relu", {"inplace": False})],
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_form(form, tmp_path):
    forward, steps = FORMS[form]
    torch.manual_seed(0)
    net = Net(forward, conv=nn.Conv2d(3, 3, 3, padding=1), scaled=Scaled())
    x = torch.randn(2, 3, 8, 8)
    export_network(net, x, tmp_path / "net")
    rows = json.loads((tmp_path / "net" / "network.json").read_text())["modules"].values()
    assert [(call["op"], call["attributes"]) for row in rows for call in row.get("calls", ()) if "op" in call] == steps
    larger = torch.randn(3, 3, 8, 8) * 5
    with torch.no_grad():
        assert torch.equal(load_network(tmp_path / "net")(larger.clone()), net.eval()(larger.clone()))
