"""`preprocess`: taken from torchvision's transforms, and refused where mean and std are in other units."""

import json

import pytest
import torch
import torchvision
from PIL import Image
from torch import nn

from touchstone import ExportError, NetworkError, export_network
from touchstone_golden.images import preprocess
from touchstone.network.preprocessing import check_preprocess, preprocess_of

IMAGENET = {"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}


def _rules(**changes):
    return {"resize": 16, "crop": [16, 16], "mean": [0.0] * 3, "std": [1.0] * 3} | changes


@pytest.mark.parametrize("name", torchvision.models.list_models(module=torchvision.models))
def test_every_transform_of_torchvision(name):
    for weights in torchvision.models.get_model_weights(name):
        transform = weights.transforms()
        rules = preprocess_of(transform)
        check_preprocess(rules, [3, *rules["crop"]])
        image = Image.effect_noise((80, 60), 90).convert("RGB")
        assert (preprocess(image, rules) - transform(image)[None]).abs().max() == 0


def test_an_export_takes_a_transform(tmp_path):
    net = nn.Sequential(nn.Flatten(), nn.Linear(3 * 224 * 224, 2))
    transform = torchvision.models.VGG16_Weights.DEFAULT.transforms()
    export_network(net, torch.zeros(1, 3, 224, 224), tmp_path / "net", preprocess=transform)
    stored = json.loads((tmp_path / "net/network.json").read_text())["preprocess"]
    assert (stored["interpolation"], stored["scale"]) == ("bilinear", "0-1")
    with pytest.raises(ExportError, match="not torchvision's ImageClassification"):
        export_network(net, torch.zeros(1, 3, 224, 224), tmp_path / "other", preprocess=lambda image: image)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (IMAGENET, 'pixels from 0 to 1, and without "scale".*write "scale": "0-1"'),
        ({**IMAGENET, "scale": "0-255"}, 'pixels from 0 to 1; write "scale": "0-1"'),
        ({"mean": [120.0] * 3, "std": [0.229] * 3}, "from 0 to 1"),
        ({"mean": [120.0] * 3, "std": [64.0] * 3, "scale": "0-1"}, "from 0 to 255"),
        ({"std": [0.0, 1.0, 1.0]}, "std must hold finite positive"),
        ({"std": [1e-50, 1.0, 1.0]}, "std must hold finite positive"),
        ({"std": [float("inf"), 1.0, 1.0]}, "std must hold finite positive"),
        ({"mean": [float("nan"), 1.0, 1.0]}, "mean must hold finite"),
        ({"interpolation": "lanczos"}, "interpolation must be one of bilinear"),
        ({"antialias": 1}, "antialias must be one of True"),
        ({"channelOrder": "GBR"}, "channelOrder must be one of RGB"),
    ],
)
def test_what_is_refused(changes, words):
    with pytest.raises(NetworkError, match=words):
        check_preprocess(_rules(**changes), [3, 16, 16])


def test_what_is_taken():
    for changes in ({}, {**IMAGENET, "scale": "0-1"}, {"scale": "0-255"}, {"channelOrder": "BGR", "antialias": False}):
        check_preprocess(_rules(**changes), [3, 16, 16])
