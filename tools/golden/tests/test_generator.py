"""Seeded weights: the published generator, the same bits in any order, and networks that store only a seed."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
import torchvision
from safetensors.torch import load_file
from torch import nn

from touchstone import ExportError, NetworkError, export_network, load_network
from touchstone.network.generator import draw, philox
from touchstone.network.seeded import draw_weights
from touchstone_golden.generator_golden import generator_golden
from touchstone_golden.networks import classics, write_networks
from touchstone_golden.networks.entry import draw_seeded

GOLDEN = Path(__file__).parents[3] / "golden"


@pytest.mark.parametrize(
    ("counter", "key", "answer"),
    [  # Random123's tests/kat_vectors
        ("00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
        ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
        ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
    ],
)
def test_known_answers(counter, key, answer):
    words = philox(
        [np.array([int(word, 16)], np.uint64) for word in counter.split()], [int(word, 16) for word in key.split()]
    )
    assert " ".join(f"{int(word[0]):08x}" for word in words) == answer


def test_every_value_has_its_place():
    long = draw(3, "w", [4 * 2**16 + 9], 0, 1)
    assert np.array_equal(draw(3, "w", [7], 0, 1), long[:7])
    assert np.array_equal(draw(3, "w", [2**16, 4], 0, 1), long[: 4 * 2**16].reshape(-1, 4))
    assert abs(long).max() < 1 and abs(long.mean()) < 0.005


def test_golden():
    assert generator_golden() == json.loads((GOLDEN / "fixtures/generator.json").read_text()), (
        "golden/fixtures/generator.json is stale"
    )


NARROW = [entry for entry in classics.ENTRIES if entry.name.endswith("-narrow")]


@pytest.mark.parametrize("entry", NARROW, ids=lambda entry: entry.name)
def test_narrow(entry, tmp_path):
    list(write_networks(tmp_path, [entry.name]))
    assert [file.name for file in (tmp_path / entry.name).iterdir()] == ["network.json"]
    assert (tmp_path / entry.name / "network.json").read_bytes() == (
        GOLDEN / "networks" / entry.name / "network.json"
    ).read_bytes(), "golden/networks is stale"
    with torch.device("meta"):
        full = classics.HeadPose() if entry.heads else getattr(torchvision.models, entry.name.removesuffix("-narrow"))()
    assert leaves(load_network(tmp_path / entry.name)) == leaves(full), "not the topology of the full-size network"


def leaves(net):
    return [(path, type(module)) for path, module in net.named_modules() if not module._modules]


@pytest.mark.parametrize("entry", NARROW, ids=lambda entry: entry.name)
def test_narrow_answers_are_alive(entry):
    with torch.no_grad():
        logits = load_network(GOLDEN / "networks" / entry.name)(
            load_file(GOLDEN / "inputs/batch-64x80.safetensors")["x"]
        )
    assert logits.isfinite().all()
    assert (0.1 < logits.std(1)).all() and (logits.std(1) < 100).all() and logits.std(0).max() > 0.1


def test_only_a_seed_is_stored(tmp_path):
    net = draw_seeded(
        9, nn.Sequential(nn.Conv2d(4, 6, 3, groups=2), nn.BatchNorm2d(6), nn.ReLU(), nn.Flatten(), nn.Linear(216, 2))
    )
    x = torch.randn(2, 4, 8, 8)
    export_network(net, x, tmp_path / "net", seed=9)
    assert [file.name for file in (tmp_path / "net").iterdir()] == ["network.json"]
    again = load_network(tmp_path / "net")
    assert {name: t.tolist() for name, t in again.state_dict().items()} == {
        name: t.tolist() for name, t in net.eval().state_dict().items()
    }
    with pytest.raises(ExportError, match="read back"):
        export_network(net, x, tmp_path / "other", seed=10)
    (tmp_path / "net" / "weights.safetensors").write_bytes(b"")
    with pytest.raises(NetworkError, match="remove this file"):
        load_network(tmp_path / "net")


def test_spread_is_by_kind():
    weights = draw_weights(1, nn.Sequential(nn.Conv2d(4, 6, 3, groups=2), nn.BatchNorm2d(64)))
    assert list(weights) == ["0.weight", "0.bias", "1.weight", "1.bias", "1.running_mean", "1.running_var"]
    assert weights["0.weight"].abs().max() <= (6 / 18) ** 0.5 < 1.2 * weights["0.weight"].abs().max()
    assert 0.4 < weights["1.running_var"].min() < 0.6 and 1.8 < weights["1.running_var"].max() < 2


def test_too_many_values_are_refused_before_any_is_drawn():
    with torch.device("meta"):
        net = nn.Linear(10**6, 10**6)
    with pytest.raises(NetworkError, match="1000001000000 values"):
        draw_weights(1, net)
