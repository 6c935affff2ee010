"""A folder that is not a valid network is refused by name."""

import json

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from touchstone import ExportError, NetworkError, export_network, load_network


@pytest.fixture
def folder(tmp_path):
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(144, 2))
    export_network(net, torch.zeros(1, 3, 8, 8), tmp_path / "net", why="to be spoilt", classes=["a", "b"])
    return tmp_path / "net"


def _set(*path, to):
    def spoil(description):
        for key in path[:-1]:
            description = description[key]
        description[path[-1]] = to

    return spoil


MALFORMED = {
    "version": (_set("version", to=2), "version 1"),
    "unknown field": (_set("colour", to="red"), "colour"),
    "no root": (lambda d: d["modules"].pop(""), "the network itself"),
    "unknown type": (_set("modules", "1", "type", to="Swish"), "module '1': type 'Swish'"),
    "attribute of the wrong kind": (
        _set("modules", "0", "attributes", "stride", to=[1, "2"]),
        "stride must be a pair of counts",
    ),
    "attribute too large": (_set("modules", "0", "attributes", "inChannels", to=10**9), "inChannels"),
    "kernel too large": (_set("modules", "0", "attributes", "kernelSize", to=[5000, 3]), "kernelSize"),
    "attributes that do not fit": (_set("modules", "0", "attributes", "groups", to=3), "module '0'"),
    "missing attribute": (_set("modules", "1", "attributes", to={}), "module '1': attributes must be exactly"),
    "unknown value": (_set("modules", "", "output", to="nowhere"), "output 'nowhere'"),
    "unknown module": (_set("modules", "", "calls", 0, "module", to="9"), "'9'"),
    "unknown op": (
        _set("modules", "", "calls", 1, to={"name": "_1", "op": "arccot", "args": ["_0"], "attributes": {}}),
        "op 'arccot'",
    ),
    "a leaf called with two": (_set("modules", "", "calls", 1, "args", to=["input_1", "input_1"]), "takes 1 arguments"),
    "a network of two inputs": (_set("modules", "", "inputs", to=["input_1", "other"]), "a container with one input"),
    "a leaf as network": (_set("modules", "", to={"type": "Identity", "attributes": {}}), "a container with one input"),
    "calls itself": (_set("modules", "", "calls", 0, "module", to=""), "calls itself"),
    "alias of nothing": (_set("modules", "5", to={"alias": "6"}), "alias '6'"),
    "child before its parent": (
        lambda d: d.update(
            modules={
                "a.b": {"type": "Identity", "attributes": {}},
                "a": {"type": "Identity", "attributes": {}},
                **d["modules"],
            }
        ),
        "before",
    ),
    "weights of another shape": (_set("modules", "0", "attributes", "outChannels", to=5), "0.weight"),
    "weights missing": (
        _set("modules", "8", to={"type": "Linear", "attributes": {"inFeatures": 1, "outFeatures": 1, "bias": False}}),
        "8.weight",
    ),
    "too large for memory": (
        _set("modules", "3", "attributes", to={"inFeatures": 10**6, "outFeatures": 10**6, "bias": True}),
        "3.weight",
    ),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_description(name, folder):
    spoil, word = MALFORMED[name]
    description = json.loads((folder / "network.json").read_text())
    spoil(description)
    (folder / "network.json").write_text(json.dumps(description))
    with pytest.raises(NetworkError) as error:
        load_network(folder)
    assert word in str(error.value)


def test_files_that_are_missing_or_not_what_they_seem(folder):
    weights = (folder / "weights.safetensors").read_bytes()
    (folder / "weights.safetensors").write_bytes(weights[:-8])
    with pytest.raises(NetworkError, match="weights"):
        load_network(folder)
    (folder / "weights.safetensors").write_bytes(weights)
    spoilt = load_file(folder / "weights.safetensors")
    spoilt["0.weight"][1, 0, 0, 0] = float("inf")
    save_file(spoilt, folder / "weights.safetensors")
    with pytest.raises(NetworkError, match="0.weight holds NaN or infinite"):
        load_network(folder)
    (folder / "weights.safetensors").write_bytes(weights)
    save_file(
        {name: tensor.double() for name, tensor in load_file(folder / "weights.safetensors").items()},
        folder / "weights.safetensors",
    )
    with pytest.raises(NetworkError, match="float64"):
        load_network(folder)
    (folder / "weights.safetensors").unlink()
    with pytest.raises(NetworkError, match="no such file"):
        load_network(folder)
    (folder / "network.json").write_text("{")
    with pytest.raises(NetworkError, match="not JSON"):
        load_network(folder)


NET, ZEROS = nn.Sequential(nn.Conv2d(3, 1, 8), nn.Flatten()), torch.zeros(1, 3, 8, 8)


def test_an_export_replaces_an_export_and_nothing_else(folder):
    net = nn.Sequential(nn.Conv2d(3, 1, 8), nn.Flatten())
    export_network(net, torch.zeros(1, 3, 8, 8), folder, why="second")
    assert json.loads((folder / "network.json").read_text())["why"] == "second"
    (folder / "notes.txt").write_text("mine")
    with pytest.raises(ExportError, match="holds other files"):
        export_network(net, torch.zeros(1, 3, 8, 8), folder)
    assert sorted(file.name for file in folder.iterdir()) == ["network.json", "notes.txt", "weights.safetensors"]
    assert [file.name for file in folder.parent.iterdir()] == ["net"]


@pytest.mark.parametrize("text", ["mine", "[]", '{"format": "another"}'])
def test_a_network_json_of_someone_else_is_kept(text, tmp_path):
    (tmp_path / "network.json").write_text(text)
    with pytest.raises(ExportError, match=r"its network\.json is not that of a network; choose another folder"):
        export_network(NET, ZEROS, tmp_path)
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("network.json", text)]


@pytest.mark.parametrize("exists", [True, False])
def test_a_link_is_kept(exists, tmp_path):
    target, link = tmp_path / "target", tmp_path / "link"
    if exists:
        target.mkdir()
    link.symlink_to(target)
    with pytest.raises(ExportError, match="is a link, which would be replaced; give the folder that it leads to"):
        export_network(NET, ZEROS, link)
    assert link.is_symlink() and target.exists() is exists


@pytest.mark.parametrize("folder", ["", ".", "..", "/", "a/.."])
def test_a_folder_without_a_name(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ExportError, match="^folder .* has no name of its own; give the path of a new folder"):
        export_network(NET, ZEROS, folder)
    assert list(tmp_path.iterdir()) == []


def test_what_the_system_refuses(tmp_path):
    (tmp_path / "file").write_text("mine")
    for folder in (tmp_path / "file" / "net", "/proc/x", tmp_path / ("long" * 100)):
        with pytest.raises(ExportError, match="cannot be written: .*; choose another folder"):
            export_network(NET, ZEROS, folder, name="net")


@pytest.mark.parametrize(
    "changes, word",
    [
        ({"classes": ["a"]}, "classes"),
        ({"preprocess": {"resize": 8, "crop": [8, 8], "mean": [0.0], "std": [1.0]}}, "mean"),
        ({"preprocess": {"resize": 8, "crop": [7, 8], "mean": [0.0] * 3, "std": [1.0] * 3}}, "crop"),
    ],
)
def test_what_is_said_about_the_network_must_fit(changes, word, tmp_path):
    with pytest.raises(ExportError, match=word):
        export_network(
            nn.Sequential(nn.Flatten(), nn.Linear(192, 2)), torch.zeros(1, 3, 8, 8), tmp_path / "net", **changes
        )
    assert list(tmp_path.iterdir()) == []
