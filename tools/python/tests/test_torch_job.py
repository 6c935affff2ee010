"""What a method in PyTorch is given, and exports answered by files."""

import json

import numpy as np
import pytest
import torch
from networks import linear_network
from safetensors.numpy import load_file, save_file
from safetensors.torch import load_file as load_torch
from torch import nn

import touchstone
from touchstone.network.arrays import read_arrays
from touchstone.port.files import read_inputs
from touchstone.port.job import Job, Network
from touchstone.port.port import as_array


def job(folder, target=None, dtype="float32", **params):
    return Job(
        case="saliency/test", method="saliency", network=Network(folder, dtype), x=torch.ones(2, 2, 3, 4),
        fixtures={}, target=target or {"class": 1}, params=params,
    )  # fmt: skip


def test_the_module_is_the_network(tmp_path):
    net = nn.Sequential(nn.Conv2d(3, 4, 3, groups=1), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(16, 2))
    touchstone.export_network(net, torch.randn(1, 3, 4, 4), tmp_path / "net")
    given = job(tmp_path / "net", layer="2")
    assert given.layer is given.module.get_submodule("2") and isinstance(given.layer, nn.ReLU)
    state = {name: tensor.numpy() for name, tensor in given.module.state_dict().items() if "num_batches" not in name}
    assert state.keys() == given.network.weights.keys()
    for name, array in given.network.weights.items():
        np.testing.assert_array_equal(array, state[name])


def test_seeded_weights_are_the_same_in_both(tmp_path):
    linear_network(tmp_path / "net", seeded=True)
    state = touchstone.load_network(tmp_path / "net").state_dict()
    network = Network(tmp_path / "net")
    arrays = read_arrays(tmp_path / "net", network.description)
    assert all(np.array_equal(arrays[name], tensor) for name, tensor in state.items()) and len(arrays) == len(state)


def test_float64(tmp_path):
    linear_network(tmp_path / "net")
    assert next(job(tmp_path / "net", dtype="float64").module.parameters()).dtype == torch.float64


def test_classes(tmp_path):
    assert job(tmp_path, {"class": 3}).classes == [3, 3]
    assert job(tmp_path, {"class": [3, 1]}).classes == [3, 1]
    with pytest.raises(touchstone.Unsupported, match="a target that is not a class alone: weights"):
        assert job(tmp_path, {"weights": [1, 0]}).classes
    with pytest.raises(touchstone.Unsupported, match="a target that is not a class alone: class, region"):
        assert job(tmp_path, {"class": 3, "region": "argmax"}).classes


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ({"class": 2}, 2.0 + 5.0),
        ({"class": [0, 2]}, 0.0 + 5.0),
        ({"weights": [0, 1, 2]}, 1.0 + 4.0 + 4.0 + 10.0),
    ],
)
def test_score(target, expected, tmp_path):
    linear_network(tmp_path / "net")
    assert float(job(tmp_path / "net", target).score(torch.arange(6.0).view(2, 3))) == expected


@pytest.mark.parametrize("line", ["3·i−90", "3*i-90", "3 · i − 90"])
def test_score_of_heads(line):
    from touchstone.port.score import score

    logits = torch.randn(2, 5)
    expected = (logits[:, 2:].softmax(1) @ (3 * torch.arange(3.0) - 90)).sum()
    heads = [{"name": "yaw", "size": 2}, {"name": "roll", "size": 3}]
    torch.testing.assert_close(score(logits, {"sum": [{"head": "roll", "expectation": line}]}, heads), expected)


def test_tensors():
    leaf = torch.ones(2, 3, requires_grad=True)
    np.testing.assert_array_equal(as_array(leaf.T, "a"), np.ones((3, 2), np.float32))
    assert as_array(torch.ones(1, dtype=torch.bfloat16), "a").dtype == np.float32
    assert as_array(torch.ones((), dtype=torch.float64), "a").shape == ()


@pytest.mark.parametrize("arrays", ["torch", "numpy"])
def test_an_export_is_answered_by_files(arrays, tmp_path, capsys):
    linear_network(tmp_path / "in" / "networks" / "linear")
    x = np.arange(24, dtype=np.float32).reshape(1, 2, 3, 4)
    save_file({"x": x}, tmp_path / "in" / "x.safetensors")
    row = {
        "id": "saliency/linear/x", "method": "saliency", "network": "linear", "inputs": "x.safetensors",
        "target": {"class": 0}, "params": {}, "stages": ["attribution"], "required": ["attribution"],
    }  # fmt: skip
    rows = [row, {**row, "id": "cam/linear/x", "method": "cam"}, {**row, "id": "hooks/a", "method": "hooks"}]
    (tmp_path / "in" / "cases.jsonl").write_text("".join(json.dumps(each) + "\n" for each in rows))
    port = touchstone.Port("p", "1.0", arrays=arrays, layout="NHWC", dtype="float64")
    port.method("saliency")(lambda given: given.x * 2)
    port.method("hooks")(lambda given: 1 / 0)
    assert touchstone.answer_export(port, tmp_path / "in", tmp_path / "out") == 1
    written = load_file(tmp_path / "out" / "saliency/linear/x/outputs.safetensors")
    np.testing.assert_array_equal(written["attribution"], 2.0 * x)
    assert written["attribution"].dtype == np.float64
    err = capsys.readouterr().err
    assert "cam/linear/x: no method 'cam'" in err and "hooks/a:\nTraceback" in err
    assert not (tmp_path / "out" / "hooks").exists()


def test_inputs_are_copies(tmp_path):
    save_file({"x": np.ones(2, np.float32), "noise": np.zeros(3, np.float32)}, tmp_path / "in.safetensors")
    x, fixtures = read_inputs(tmp_path / "in.safetensors", touchstone.Port("p", "1.0"))
    x += 1
    assert torch.equal(load_torch(tmp_path / "in.safetensors")["x"], torch.ones(2)) and list(fixtures) == ["noise"]
