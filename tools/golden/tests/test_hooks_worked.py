"""The worked examples compared with the sources, and with the methods that they implement."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from touchstone import load_network
from touchstone_golden.cases import reference
from touchstone_golden.networks import worked, write_networks
from touchstone_golden.worked_examples import CAM_LAYER, CLASS, EXAMPLES, SURGERY_LAYER, events_of, stored

GOLDEN = Path(__file__).parents[3] / "golden"


def events(example):
    return events_of(GOLDEN, example)


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_stored_trace_is_what_is_computed(example):
    trace = load_file(GOLDEN / "traces/worked-examples.safetensors")
    computed = events(example)
    assert {f"{example}/{event}" for event in computed} == {name for name in trace if name.startswith(f"{example}/")}
    for event, t in computed.items():
        torch.testing.assert_close(trace[f"{example}/{event}"], t, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("entry", worked.ENTRIES, ids=lambda entry: entry.name)
def test_the_networks_are_those_of_the_recipe(entry, tmp_path):
    list(write_networks(tmp_path, [entry.name]))
    for file in ("network.json", "weights.safetensors"):
        assert (tmp_path / entry.name / file).read_bytes() == (GOLDEN / "networks" / entry.name / file).read_bytes()


def test_scalars():
    values = {event: t.tolist() for event, t in events("scalar-product").items()}
    assert values == {
        "y": [6.0],
        "gradient of w+x": [2.0],
        "w.grad": [5.0],
        "x.grad": [2.0],
        "w.grad after a second backward": [10.0],
    }
    assert events("gradient-times-six")["w.grad"].tolist() == [30.0]


def test_conv_pool():
    seen = events("conv-pool")
    assert seen["input of 0"].unique().tolist() == [1.0]
    assert seen["output of 0"].tolist() == [[[[9.0, 9.0], [9.0, 9.0]], [[18.0, 18.0], [18.0, 18.0]]]]
    assert seen["output of 1"].flatten().tolist() == [9.0, 18.0]
    assert seen["gradient of the input of 1"].tolist() == [[[[-0.5, 0.0], [0.0, 0.0]], [[0.5, 0.0], [0.0, 0.0]]]]
    assert seen["0.weight.grad"].flatten(1).tolist() == [[-0.5] * 9, [0.5] * 9]
    assert seen["x.grad"].tolist() == [[[[0.5, 0.5, 0.5, 0.0]] * 3 + [[0.0] * 4]]]


@pytest.mark.parametrize(
    ("example", "method"), [("deconv", "deconv"), ("deconv-by-backward-hooks", "deconv"), ("guided", "guided-backprop")]
)
def test_relu_masks(example, method):
    network, x = stored(GOLDEN, "tiny-vgg", "cat-32")
    expected = reference(method).explain(network, x, {"class": CLASS}, {}, {})["gradient"]
    assert torch.equal(events(example)["x.grad"], expected)


def test_grad_cam():
    network, x = stored(GOLDEN, "tiny-vgg", "cat-32")
    expected = reference("grad-cam").explain(network, x, {"class": CLASS}, {"layer": CAM_LAYER}, {})
    seen = events("grad-cam")
    assert torch.equal(seen["A"], expected["activations"]) and torch.equal(seen["dy/dA"], expected["gradient"])
    assert seen["A"].min() < 0  # as the convolution returned it


def test_alexnet():
    network, x = stored(GOLDEN, "alexnet-narrow", "cat-96")
    weights = load_network(GOLDEN / "networks/alexnet-narrow").state_dict()
    seen = events("alexnet")
    with torch.no_grad():
        for path, module in network.features.named_children():
            x = module(x)
            if isinstance(module, torch.nn.ReLU):
                assert (
                    torch.equal(seen[f"maps of features.{path}"], x)
                    and seen[f"maps of features.{int(path) - 1}"].min() < 0
                )
            if isinstance(module, torch.nn.MaxPool2d):
                assert torch.equal(seen[f"maps of features.{path}"], x)
            if isinstance(module, torch.nn.Conv2d):
                assert torch.equal(seen[f"kernels of features.{path}"].float(), weights[f"features.{path}.weight"])


def test_surgery():
    network, x = stored(GOLDEN, "tiny-vgg", "cat-32")
    x.requires_grad_()
    seen = events("surgery")
    half = seen["gradient of the maps"].shape[1] // 2

    def detach_half(module, inputs, maps):
        return torch.cat([maps[:, :half].detach(), maps[:, half:]], 1)

    network.get_submodule(SURGERY_LAYER).register_forward_hook(detach_half)
    (expected,) = torch.autograd.grad(network(x)[0, CLASS], x)
    torch.testing.assert_close(seen["x.grad"], expected, rtol=1e-12, atol=1e-14)
    assert seen["gradient of the maps"][:, :half].any()
