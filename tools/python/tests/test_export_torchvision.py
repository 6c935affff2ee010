"""`export-torchvision`: a file of torchvision's weights becomes a network that Touchstone reads."""

import re
import sys

import pytest
import torch
import torchvision

from touchstone import ExportError, load_network
from touchstone.__main__ import main
from touchstone.network.export_torchvision import (
    draw_zeros,
    drawn,
    export_torchvision,
    filled,
    preprocess_of_weights,
)


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
    entry = torchvision.models.get_model_weights("densenet121").DEFAULT
    again = filled("densenet121", entry, old, tmp_path / "densenet121.pth")
    assert all(torch.equal(tensor, again.state_dict()[name]) for name, tensor in net.state_dict().items())


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


@pytest.mark.parametrize(
    ("name", "weights", "words"),
    [
        ("vgg99", "gone.pth", "NAME: 'vgg99' is not one of torchvision's .* did you mean vgg"),
        ("fasterrcnn_resnet50_fpn", None, "NAME: .* touchstone.export_network"),
        ("resnet50", "IMAGENET1K_V3", "--weights: .*'IMAGENET1K_V3'.* IMAGENET1K_V1, IMAGENET1K_V2, DEFAULT"),
        ("vgg16", "ResNet50_Weights.DEFAULT", "--weights: .*No such file"),
        ("alexnet", "DEFAULT", "--weights: IMAGENET1K_V1 of alexnet .* no network; download that file"),
    ],
)
def test_names_that_do_not_exist(name, weights, words, tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr(torch.hub, "download_url_to_file", _no_network)
    with pytest.raises(ExportError, match=words):
        export_torchvision(name, weights, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def _no_network(*_, **__):
    raise OSError("no network")


def test_weights_that_pytorch_has_in_its_cache(squeezenet, tmp_path, monkeypatch):
    cache = tmp_path / "hub" / "checkpoints"
    cache.mkdir(parents=True)
    (cache / "squeezenet1_1-b8a52dc0.pth").symlink_to(squeezenet[1])
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr(torch.hub, "download_url_to_file", _no_network)
    export_torchvision("squeezenet1_1", "SqueezeNet1_1_Weights.DEFAULT", tmp_path / "out")
    again = load_network(tmp_path / "out")
    assert again.description["why"] == "torchvision's squeezenet1_1 with its weights IMAGENET1K_V1"
    assert again.description["classes"][282] == "tiger cat"
    assert all(torch.equal(tensor, again.state_dict()[name]) for name, tensor in squeezenet[0].state_dict().items())


def test_random_weights(tmp_path, monkeypatch):
    entry = torchvision.models.get_model_weights("shufflenet_v2_x0_5").DEFAULT
    state = torch.random.get_rng_state()
    first, again, other = (drawn("shufflenet_v2_x0_5", entry, seed).conv1[0].weight for seed in (3, 3, 4))
    assert torch.equal(torch.random.get_rng_state(), state)
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    command = ["", "export-torchvision", "shufflenet_v2_x0_5", "--random", "--seed", "3"]
    monkeypatch.setattr(sys, "argv", [*command, "--out", str(tmp_path / "out")])
    assert not main()
    exported = load_network(tmp_path / "out")
    assert torch.equal(exported.get_submodule("conv1.0").weight, first)
    assert exported.description["why"].endswith("random weights, seed 3")
    assert exported.description["preprocess"]["resize"] == 256
    assert "classes" not in exported.description


def test_random_heads_of_transformers_pass_gradients():
    module = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Linear(3, 2))
    torch.nn.init.zeros_(module[1].weight)
    torch.nn.init.zeros_(module[1].bias)
    before = module[0].weight.clone()
    draw_zeros(module)
    assert module[1].weight.any()
    assert not module[1].bias.any()
    assert torch.equal(module[0].weight, before)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("mnasnet0_5", {}),  # its state_dict has a version
        ("googlenet", {"init_weights": False}),
        ("deeplabv3_mobilenet_v3_large", {"aux_loss": True, "weights_backbone": None}),
    ],
)
def test_weights_with_auxiliary_classifiers_and_versions(name, told, tmp_path):
    net = torchvision.models.get_model(name, weights=None, **told)
    file = tmp_path / "own.pth"
    torch.save(net.state_dict(), file)
    entry = torchvision.models.get_model_weights(name).DEFAULT
    again = filled(name, entry, torch.load(file, weights_only=True), file)
    assert getattr(again, "transform_input", None) == (True if name == "googlenet" else None)
    own = net.state_dict()
    assert {key: tensor.shape for key, tensor in again.state_dict().items()} == {k: t.shape for k, t in own.items()}
    assert all(torch.equal(tensor, own[key]) for key, tensor in again.state_dict().items())


def test_a_segmentation_network_takes_the_square_in_the_centre():
    entry = torchvision.models.get_model_weights("lraspp_mobilenet_v3_large").DEFAULT
    assert preprocess_of_weights(entry)["resize"] == 520
    assert preprocess_of_weights(entry)["crop"] == [520, 520]
