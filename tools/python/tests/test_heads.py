"""Networks with several outputs: concatenated, with the heads' names."""

import json

import pytest
import torch
from torch import nn

from touchstone import ExportError, NetworkError, export_network, load_network

X = torch.randn(2, 3, 4, 4, generator=torch.Generator().manual_seed(1))


class Two(nn.Module):
    def __init__(self, answer):
        super().__init__()
        self.flat = nn.Flatten()
        self.a, self.b = nn.Linear(48, 5), nn.Linear(48, 2)
        self.answer = answer

    def forward(self, x):
        x = self.flat(x)
        return self.answer(self.a(x), self.b(x))


TAKEN = {
    "tuple": (lambda a, b: (a, b), ["left", "right"]),
    "list": (lambda a, b: [a, b], ["left", "right"]),
    "dictionary": (lambda a, b: {"left": a, "right": b}, None),
}


@pytest.mark.parametrize("name", TAKEN)
def test_taken(name, tmp_path):
    answer, heads = TAKEN[name]
    net = Two(answer).eval()
    export_network(net, X, tmp_path / "net", heads=heads)
    again = load_network(tmp_path / "net")
    assert again.description["heads"] == [{"name": "left", "size": 5}, {"name": "right", "size": 2}]
    with torch.no_grad():
        assert torch.equal(again(X), torch.cat([net.a(X.flatten(1)), net.b(X.flatten(1))], 1))


REFUSED = {
    "no names": (lambda a, b: (a, b), None, 'heads: the network returns 2 tensors; name each, as in heads=["yaw"'),
    "too few names": (lambda a, b: (a, b), ["left"], "heads: the network returns 2 tensors"),
    "one name twice": (lambda a, b: (a, b), ["left", "left"], "a unique name"),
    "names for a dictionary": (lambda a, b: {"left": a, "right": b}, ["a", "b"], "whose keys"),
    "names for one tensor": (lambda a, b: torch.cat([a, b], 1), ["left", "right"], "one tensor, which has no heads"),
    "a tuple of one": (lambda a, b: (a,), ["left"], "one tensor in a tuple"),
    "nothing in one": (lambda a, b: (a, None), ["left", "right"], "one tensor in a tuple"),
    "something else": (lambda a, b: (a, 3), ["left", "right"], "int among its outputs"),
    "nothing": (lambda a, b: None, None, "returns NoneType"),
    "a number": (lambda a, b: a.mean(), None, "one number for all images"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name, tmp_path):
    answer, heads, words = REFUSED[name]
    with pytest.raises(ExportError) as error:
        export_network(Two(answer), X, tmp_path / "net", heads=heads)
    assert words in str(error.value)
    assert list(tmp_path.iterdir()) == []


def _maps(stride=1):
    net = Two(lambda a, b: (a, b)).eval()
    net.flat, net.a, net.b = nn.Identity(), nn.Conv2d(3, 2, 1), nn.Conv2d(3, 4, 1, stride)
    return net


def test_maps_stand_side_by_side(tmp_path):
    net = _maps()
    export_network(net, X, tmp_path / "net", heads=["a", "b"])
    with torch.no_grad():
        assert torch.equal(load_network(tmp_path / "net")(X), torch.cat(net(X), 1))


def test_maps_of_two_sizes_cannot_stand_side_by_side(tmp_path):
    with pytest.raises(ExportError, match=r"must be \[N,k\], or each a map"):
        export_network(_maps(2), X, tmp_path / "net", heads=["a", "b"])


class Named(nn.Module):
    """The names of its parts are its keys, as is usual."""

    def __init__(self):
        super().__init__()
        for name in ("kind", "inputs", "output", "calls", "row", "owner"):
            setattr(self, name, nn.Linear(4, 2))

    def forward(self, x):
        return {name: part(x.mean((1, 2))) for name, part in self.named_children()}


def test_parts_have_any_names(tmp_path):
    net = Named().eval()
    export_network(net, X, tmp_path / "net")
    assert torch.equal(load_network(tmp_path / "net").kind.weight, net.kind.weight)


def test_classes_name_the_channels_of_maps(tmp_path):
    names = ["sky", "road", "a", "b", "c", "d"]
    export_network(_maps(), X, tmp_path / "net", heads=["a", "b"], classes=names)
    assert load_network(tmp_path / "net").description["classes"] == names
    with pytest.raises(ExportError, match=r"5 names for outputs of shape \[6, 4, 4\]"):
        export_network(_maps(), X, tmp_path / "short", heads=["a", "b"], classes=names[:5])


@pytest.mark.parametrize("answer", [lambda a, b: {"out": a}, lambda a, b: {"out": a, "aux": None}, lambda a, b: (a,)])
def test_one_entry_is_the_output(answer, tmp_path):
    net = Two(answer).eval()
    export_network(net, X, tmp_path / "net")
    again = load_network(tmp_path / "net")
    with torch.no_grad():
        assert torch.equal(again(X), net.a(X.flatten(1))) and "heads" not in again.description


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("heads", [{"name": "a", "size": 7}], "at least two"),
        ("heads", [{"name": "a", "size": 5}, {"name": "a", "size": 2}], "a unique name"),
        ("heads", [{"name": "a", "size": 0}, {"name": "b", "size": 7}], "size of 'a'"),
        ("heads", [{"name": "a"}, {"name": "b", "size": 7}], "must have"),
        ("weights", {"generator": "mt19937", "seed": 1}, "philox4x32-10"),
        ("weights", {"generator": "philox4x32-10", "seed": -1}, "seed"),
        ("weights", {"generator": "philox4x32-10", "seed": 1.5}, "seed"),
    ],
)
def test_malformed_fields(field, value, words, tmp_path):
    export_network(Two(lambda a, b: (a, b)), X, tmp_path / "net", heads=["a", "b"])
    file = tmp_path / "net" / "network.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), field: value}))
    with pytest.raises(NetworkError, match=words):
        load_network(tmp_path / "net")
