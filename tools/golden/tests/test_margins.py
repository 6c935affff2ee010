"""Distances to switch points, units at risk, and what a flip does."""

import copy

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from touchstone_golden.cases import reference
from touchstone_golden.margins import margins
from touchstone_golden.watch import watch


def seen(network, x, nudges=()):
    outputs = network(x.clone()).shape[1]
    with watch(network, nudges) as calls:
        stages = reference("saliency").explain(network, x, {"weights": [1.0] * outputs}, {"reduce": "none"}, {})
    return calls, stages["gradient"].flatten().tolist()


def risks(network, x, drift=1e-9):
    """Margins and units where float32 is off by about `drift`."""
    exact, _ = seen(network, x)
    narrow = copy.deepcopy(exact)
    for call in narrow:
        noise = torch.where(torch.arange(call.input.numel()) % 2 == 0, drift, -drift).reshape(call.input.shape)
        call.input = call.input + noise * (call.input != 0)
    return margins(exact, narrow, relu_has_switch_point=True)


def test_relu_zeros_do_not_count():
    x = torch.tensor([0.0, 0.5, -2.0, 1e-9], dtype=torch.float64).reshape(1, 1, 2, 2)
    smallest, units = risks(nn.Sequential(nn.ReLU(), nn.Flatten()), x)
    assert smallest == {"relu": pytest.approx(0.5e-9), "pool": None}
    assert [unit.index for unit in units] == [3]


@pytest.mark.parametrize(
    "pool",
    [
        nn.MaxPool2d(2),
        nn.MaxPool2d(2, ceil_mode=True),
        nn.MaxPool2d(3, 2, 1),
        nn.MaxPool2d(2, 1, dilation=2, padding=1),
    ],
)
def test_windows_agree_with_torch(pool):
    torch.manual_seed(1)
    network = nn.Sequential(pool, nn.Flatten())
    x = torch.randn(2, 3, 5, 7, dtype=torch.float64)
    (call,), before = seen(network, x)
    smallest, _ = margins([call], [call], relu_has_switch_point=True)
    assert 0 < smallest["pool"] < 1
    shifted = copy.deepcopy(call)
    shifted.input = call.input.flip(3)
    unit = margins([call], [shifted], relu_has_switch_point=True)[1][0]
    _, after = seen(network, x, [(0, *unit.nudge[1:])])
    assert before != after and sum(before) == sum(after)


def test_ties_do_not_count_but_a_close_runner_up_does():
    x = torch.tensor([[1.0, 1.0, 2.0, 2.0 - 1e-9], [1.0, 1.0, 0.0, 0.0]], dtype=torch.float64).reshape(1, 1, 2, 4)
    network = nn.Sequential(nn.MaxPool2d(2), nn.Flatten())
    smallest, units = risks(network, x)
    assert smallest["pool"] == pytest.approx(0.5e-9)
    assert [unit.index for unit in units] == [1]
    _, gradient = seen(network, x, [(0, *units[0].nudge[1:])])
    assert gradient == [1, 0, 0, 1, 0, 0, 0, 0]


class Calls(nn.Module):
    def forward(self, x):
        return F.relu6(F.relu(x * 1, inplace=True)).flatten(1)


@pytest.mark.parametrize(
    ("index", "value", "expected"), [(0, 0.0, [0, 1, 0]), (1, 6.0, [1, 0, 0]), (2, 5e-324, [1, 1, 1])]
)
def test_a_nudge_moves_one_unit_of_functions_in_place_or_not(index, value, expected):
    x = torch.tensor([1e-9, 6 - 1e-9, -1e-9], dtype=torch.float64).reshape(1, 1, 1, 3)
    calls, gradient = seen(Calls(), x)
    assert gradient == [1, 1, 0] and [call.ceiling for call in calls] == [float("inf"), 6.0]
    _, flipped = seen(Calls(), x, [(0, index, value)])
    assert flipped == expected
