"""`export-torchvision`: a file of torchvision's weights becomes a network that Touchstone reads."""

import re
import sys

import pytest
import torch
import torchvision

from touchstone import ExportError, load_network
from touchstone.__main__ import main
from touchstone.network.export_torchvision import export_torchvision


@pytest.fixture(scope="module")
def squeezenet(tmp_path_factory):
    torch.manual_seed(3)
    net = torchvision.models.squeezenet1_1().eval()
    file = tmp_path_factory.mktemp("weights") / "squeezenet1_1.pth"
    torch.save(net.state_dict(), file)
    return net, file


def test_the_command(squeezenet, tmp_path, monkeypatch):
    net, file = squeezenet
    monkeypatch.setattr(
        sys, "argv", ["", "export-torchvision", "squeezenet1_1", "--weights", str(file), "--out", str(tmp_path / "out")]
    )
    assert not main()
    again = load_network(tmp_path / "out")
    x = torch.randn(1, 3, 224, 224)
    with torch.no_grad():
        assert torch.equal(again(x), net(x))
    assert again.description["classes"][282] == "tiger cat"
    assert again.description["preprocess"] == {
        "resize": 256,
        "crop": [224, 224],
        "interpolation": "bilinear",
        "antialias": True,
        "scale": "0-1",
        "mean": [0.485, 0.456, 0.406],
        "std": [0.229, 0.224, 0.225],
    }


def test_the_published_densenet_has_older_names(tmp_path):
    net = torchvision.models.densenet121().eval()
    old = {
        re.sub(r"(denselayer\d+\.(?:norm|conv))([12])\.", r"\1.\2.", name): t
        for name, t in net.state_dict().items()
        if not name.endswith("num_batches_tracked")
    }
    assert "features.denseblock1.denselayer1.norm.1.weight" in old
    torch.save(old, tmp_path / "densenet121.pth")
    export_torchvision("densenet121", tmp_path / "densenet121.pth", tmp_path / "out")
    x = torch.randn(1, 3, 224, 224)
    with torch.no_grad():
        assert torch.equal(load_network(tmp_path / "out")(x), net(x))


def _spoilt(kind, state):
    name = "features.0.weight"
    return {
        "missing": {key: t for key, t in state.items() if key != name},
        "unknown": {**state, "extra.weight": torch.zeros(1)},
        "shape": {**state, name: torch.zeros(1)},
        "half": {**state, name: state[name].half()},
        "not a state_dict": [1, 2],
        "nested": {"state_dict": state},
    }[kind]


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("missing", "features.0.weight"),
        ("unknown", "extra.weight"),
        ("shape", r"features.0.weight.* \[1\]"),
        ("half", "float16"),
        ("not a state_dict", "no state_dict"),
        ("nested", "no state_dict"),
    ],
)
def test_weights_that_do_not_fit(kind, words, squeezenet, tmp_path):
    torch.save(_spoilt(kind, squeezenet[0].state_dict()), tmp_path / "bad.pth")
    with pytest.raises(ExportError, match=rf"--weights: .*{words}"):
        export_torchvision("squeezenet1_1", tmp_path / "bad.pth", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_what_is_no_file_of_weights(tmp_path):
    (tmp_path / "text.pth").write_text("<html>not found</html>")
    for file, words in (("gone.pth", "No such file"), ("text.pth", "not a file of weights")):
        with pytest.raises(ExportError, match=f"--weights: .*{words}"):
            export_torchvision("vgg16", tmp_path / file, tmp_path / "out")
    with pytest.raises(ExportError, match="NAME: 'vgg99' is not one of alexnet"):
        export_torchvision("vgg99", tmp_path / "gone.pth", tmp_path / "out")


def test_the_command_says_what_is_wrong(tmp_path, monkeypatch):
    monkeypatch.setattr(
        sys,
        "argv",
        ["", "export-torchvision", "vgg16", "--weights", str(tmp_path / "gone.pth"), "--out", str(tmp_path / "out")],
    )
    with pytest.raises(SystemExit, match="error: --weights: .*download it"):
        main()
