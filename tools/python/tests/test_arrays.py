"""A network's folder in NumPy."""

import json

import numpy as np
import pytest
import safetensors.numpy
from networks import linear_network

from touchstone import NetworkError, Port
from touchstone.network.arrays import read_arrays, read_description, tensors_of
from touchstone.port.job import Network


def test_weights_are_the_stored_ones(tmp_path):
    weight = linear_network(tmp_path / "net")
    network = Network(tmp_path / "net")
    np.testing.assert_array_equal(network.weights["head.weight"], weight)
    with pytest.raises(ValueError, match="read-only"):
        network.weights["head.weight"][0] = 1


def test_seeded_weights_are_drawn(tmp_path):
    linear_network(tmp_path / "net", seeded=True)
    weights = Network(tmp_path / "net").weights
    assert {name: (array.shape, array.dtype) for name, array in weights.items()} == {
        "head.weight": ((3, 24), np.float32),
        "head.bias": ((3,), np.float32),
    }
    assert 0.4 < abs(weights["head.weight"]).max() <= 0.5


def test_shapes_of_convolutions_and_batch_norms():
    conv = {"inChannels": 4, "outChannels": 6, "kernelSize": [3, 5], "groups": 2, "bias": False}
    modules = {
        "": {"type": "Sequential", "inputs": ["x"], "calls": [], "output": "x"},
        "a": {"type": "Conv2d", "attributes": conv},
        "b": {"type": "BatchNorm2d", "attributes": {"numFeatures": 6, "eps": 1e-5, "affine": True}},
        "c": {"alias": "a"},
        "d": {"type": "BatchNorm2d", "attributes": {"numFeatures": 2, "eps": 1e-5, "affine": False}},
        "e": {"type": "ReLU", "attributes": {"inplace": False}},
    }
    assert {name: shape for name, (_, _, shape) in tensors_of({"modules": modules}).items()} == {
        "a.weight": (6, 2, 3, 5),
        **dict.fromkeys(["b.weight", "b.bias", "b.running_mean", "b.running_var"], (6,)),
        **dict.fromkeys(["d.running_mean", "d.running_var"], (2,)),
    }


@pytest.mark.parametrize(
    ("tensors", "words"),
    [
        ({}, r"missing tensors \['head.bias', 'head.weight'\]"),
        ({"head.weight": np.zeros((3, 24), "f4"), "head.bias": np.zeros(4, "f4")}, r"float32 \[4\], expected .* \[3\]"),
        ({"head.weight": np.zeros((3, 24), "f8"), "head.bias": np.zeros(3, "f4")}, "head.weight is float64"),
    ],
)
def test_weights_that_do_not_fit(tensors, words, tmp_path):
    linear_network(tmp_path / "net")
    safetensors.numpy.save_file(tensors, tmp_path / "net" / "weights.safetensors")
    with pytest.raises(NetworkError, match=words):
        read_arrays(tmp_path / "net", read_description(tmp_path / "net"))


def test_what_is_no_network(tmp_path):
    with pytest.raises(NetworkError, match="network.json: no such file"):
        read_description(tmp_path)
    (tmp_path / "network.json").write_text("{")
    with pytest.raises(NetworkError, match="not JSON"):
        read_description(tmp_path)


def test_a_network_is_read_again_once_it_has_changed(tmp_path):
    linear_network(tmp_path / "net")
    networks = Port("p", "1.0", arrays="numpy").as_networks()
    first = networks[tmp_path / "net"]
    assert networks[tmp_path / "net"] is first
    description = json.loads((tmp_path / "net" / "network.json").read_text())
    (tmp_path / "net" / "network.json").write_text(json.dumps({**description, "why": "another"}))
    assert networks[tmp_path / "net"].description["why"] == "another"
