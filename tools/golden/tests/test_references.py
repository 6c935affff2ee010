"""The reference formulas against small computations by hand."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from touchstone.port.score import score as port_score
from touchstone_golden.cases import reference
from touchstone_golden.torch_rules import score


class Skip(nn.Module):
    """relu(x) + x, then a weighted sum: three ways of calling the ReLU."""

    def __init__(self, how):
        super().__init__()
        self.how, self.relu = how, nn.ReLU(inplace=how == "in-place module")

    def forward(self, x):
        if self.how == "function":
            return (F.relu(x) + x).flatten(1)
        if self.how == "method":
            return (x.relu() + x).flatten(1)
        if self.how == "in-place module":
            kept = x * 1
            return (self.relu(x * 1) + kept).flatten(1)
        return (self.relu(x) + x).flatten(1)


X = torch.tensor([[[[1.0, -1.0], [2.0, -2.0]]]], dtype=torch.float64)
R = torch.tensor([3.0, 3.0, -5.0, -5.0], dtype=torch.float64)


@pytest.mark.parametrize("how", ["module", "function", "method", "in-place module"])
@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("saliency", [6.0, 3.0, -10.0, -5.0]),
        ("deconv", [6.0, 6.0, -5.0, -5.0]),
        ("guided-backprop", [6.0, 3.0, -5.0, -5.0]),
    ],
)
def test_the_rule_belongs_to_each_relu_call(how, method, expected):
    stages = reference(method).explain(Skip(how), X, {"weights": R.tolist()}, {"reduce": "none"}, {})
    assert stages["gradient"].flatten().tolist() == expected


@pytest.mark.parametrize(
    ("method", "expected"), [("deconv", [1.0] * 5), ("guided-backprop", [0.0, 0.0, 1.0, 0.0, 0.0])]
)
def test_relu6_has_two_switch_points(method, expected):
    x = torch.tensor([-1.0, 0.0, 3.0, 6.0, 7.0]).reshape(1, 1, 1, 5)
    stages = reference(method).explain(nn.Sequential(nn.ReLU6(), nn.Flatten()), x, {"weights": [1.0] * 5}, {}, {})
    assert stages["gradient"].flatten().tolist() == expected


def test_rules_end_with_the_method():
    network = nn.Sequential(nn.ReLU(), nn.Flatten())
    reference("deconv").explain(network, X, {"class": 1}, {}, {})
    after = reference("saliency").explain(network, X, {"class": 1}, {"reduce": "none"}, {})
    assert not after["gradient"].any()


@pytest.mark.parametrize(("how", "expected"), [("none", [[1.0, -4.0]]), ("abs-max", [[4.0]]), ("abs-sum", [[5.0]])])
def test_reduce(how, expected):
    network = nn.Flatten()
    x = torch.zeros(1, 2, 1, 1)
    stages = reference("saliency").explain(network, x, {"weights": [1.0, -4.0]}, {"reduce": how}, {})
    assert stages["attribution"].flatten(1).tolist() == expected


def test_smooth_grad_without_noise_is_the_gradient():
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(8, 3)).double()
    x = torch.randn(2, 1, 4, 4, dtype=torch.float64)
    noise = torch.zeros(3, *x.shape, dtype=torch.float64)
    plain = reference("saliency").explain(network, x, {"class": [2, 0]}, {}, {})
    smooth = reference("smooth-grad").explain(network, x, {"class": [2, 0]}, {"samples": 3}, {"noise": noise})
    assert torch.allclose(smooth["average"], plain["gradient"], rtol=1e-14)


@pytest.mark.parametrize(
    ("average", "expected"),
    [("mean-then-abs", 2.0), ("abs-then-mean", 2.0), ("mean-of-squares", 5.0), ("variance", 1.0)],
)
def test_smooth_grad_averages_and_sigma(average, expected):
    """f = x²/2 at x = 2 with a range of 10: sigma 1, samples at 2 ± 1, gradients 1 and 3."""

    class Half(nn.Module):
        def forward(self, x):
            return (x * x / 2).flatten(1)

    x = torch.tensor([2.0, -8.0]).reshape(1, 1, 1, 2)
    noise = torch.tensor([[1.0, 0.0], [-1.0, 0.0]]).reshape(2, 1, 1, 1, 2)
    stages = reference("smooth-grad").explain(
        Half(), x, {"class": 0}, {"samples": 2, "fraction": 0.1, "average": average}, {"noise": noise}
    )
    assert stages["sigma"].tolist() == [1.0]
    assert stages["average"].flatten()[0].item() == expected


def test_grad_cam_by_hand():
    """Two maps, a head that weights positions: α is the mean of the head's weights, the map is relu(Σ α A) / max."""
    head = nn.Linear(8, 1, bias=False)
    head.weight.data = torch.tensor([[1.0, 1.0, 1.0, 1.0, -1.0, -1.0, -1.0, 1.0]])
    conv = nn.Conv2d(1, 2, 1, bias=False)
    conv.weight.data = torch.tensor([1.0, 2.0]).reshape(2, 1, 1, 1)
    network = nn.Sequential(conv, nn.ReLU(inplace=True), nn.Flatten(), head)
    stages = reference("grad-cam").explain(network, X.float().abs(), {"class": 0}, {"layer": "0"}, {})
    assert stages["weights"].tolist() == [[1.0, -0.5]]
    assert not stages["map"].any()
    signed = reference("grad-cam").explain(network, X.float(), {"class": 0}, {"layer": "0"}, {})
    assert signed["activations"].min() == -4.0  # as the convolution returned it, not as relu_ left it
    assert signed["weights"].tolist() == [[0.5, -0.5]]
    assert signed["map"].flatten().tolist() == [0.0, 0.5, 0.0, 1.0]
    assert signed["normalised"].flatten().tolist() == [0.0, 0.5, 0.0, 1.0]


def test_cam_is_the_logit_when_averaged():
    torch.manual_seed(0)
    network = nn.Sequential(
        nn.Conv2d(1, 3, 1), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 4)
    ).double()
    stages = reference("cam").explain(network, X, {"class": 2}, {}, {})
    assert stages["attribution"].mean().item() + network[4].bias[2].item() == pytest.approx(
        stages["logits"][0, 2].item(), rel=1e-12
    )


def test_activations_are_those_at_return():
    network = nn.Sequential(nn.Identity(), nn.ReLU(inplace=True), nn.Flatten())
    stages = reference("activations").explain(network, X, {"class": 0}, {}, {})
    assert list(stages) == ["logits", "0", "1", "2", "attribution"]
    assert stages["0"].min() == -2 and stages["1"].min() == 0


def test_a_sum_over_heads_is_that_of_the_expectations():
    network = nn.Flatten()
    network.description = {"heads": [{"name": "yaw", "size": 2}, {"name": "pitch", "size": 3}]}
    z = torch.tensor([0.5, -1.0, 2.0, 0.0, -0.25], dtype=torch.float64)
    target = {"sum": [{"head": "pitch", "expectation": "3·i−90"}, {"head": "yaw", "expectation": "−2*i"}]}
    stages = reference("saliency").explain(network, z.reshape(1, 5, 1, 1), target, {"reduce": "none"}, {})
    expected = []
    for head, values in ((z[:2], z.new_tensor([0, -2])), (z[2:], z.new_tensor([-90, -87, -84]))):
        p = head.exp() / head.exp().sum()
        expected.append(p * (values - (p * values).sum()))
    assert torch.allclose(stages["gradient"].flatten(), torch.cat(expected), rtol=1e-12, atol=1e-12)
    with pytest.raises(KeyError, match="roll"):
        reference("saliency").explain(
            network, z.reshape(1, 5, 1, 1), {"sum": [{"head": "roll", "expectation": "1·i"}]}, {}, {}
        )


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("saliency", [0.0, 0.25, 0.5, 1.0]),
        ("guided-backprop", [0.5 + 0.1 * z / 8.75**0.5 for z in (-3.5, -1.5, 0.5, 4.5)]),
        ("deconv", [-0.5, 0.0, 0.5, 1.5]),
    ],
)
def test_display_values(method, expected):
    target = {"weights": [-4.0, -2.0, 0.0, 4.0]}
    stages = reference(method).explain(
        nn.Flatten(), torch.ones(2, 2, 1, 2, dtype=torch.float64), target, {"display": True}, {}
    )
    assert list(stages)[-2:] == ["display", "attribution"]
    assert stages["display"].flatten(1).tolist() == [pytest.approx(expected)] * 2
    zero = reference(method).explain(
        nn.Flatten(), torch.ones(1, 2, 1, 2), {"weights": [0.0] * 4}, {"display": True}, {}
    )
    assert (zero["display"] == 0.5).all()


MAPS = torch.randn(2, 5, 3, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(3))
HEADS = [("yaw", 2), ("pitch", 3)]


def _likeliest(z, classes):
    return sum(z[n, c][z[n].argmax(0) == c].sum() for n, c in enumerate(classes))


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ({"class": 3}, lambda z: z[:, 3].sum()),
        ({"class": [4, 0], "pixel": [2, 1]}, lambda z: z[0, 4, 2, 1] + z[1, 0, 2, 1]),
        ({"class": 1, "region": [1, 0, 3, 2]}, lambda z: z[:, 1, 1:3, 0:2].sum()),
        ({"class": [1, 3], "region": "argmax"}, lambda z: _likeliest(z, [1, 3])),
        ({"class": 1, "of": "probability", "pixel": [0, 3]}, lambda z: z.softmax(1)[:, 1, 0, 3].sum()),
        ({"class": 2, "of": "log-probability", "head": "pitch"}, lambda z: z[:, 2:].log_softmax(1)[:, 2].sum()),
        (
            {"weights": [1.0, -2.0], "head": "yaw", "region": [0, 0, 1, 4]},
            lambda z: (z[:, 0, 0] - 2 * z[:, 1, 0]).sum(),
        ),
    ],
)
def test_the_score_of_maps(target, expected):
    for given in (score, lambda *asked: port_score(*asked[:2], [{"name": n, "size": s} for n, s in HEADS])):
        torch.testing.assert_close(given(MAPS, target, HEADS), expected(MAPS))


def test_the_score_of_a_vector():
    z, v = MAPS[:, :, 0, 0], [1.0, 0.0, -2.0, 0.5, 3.0]
    unit = torch.tensor(v, dtype=z.dtype) / torch.tensor(v).norm()
    for given in (score, port_score):
        torch.testing.assert_close(given(z, {"similarity": v}), ((z / z.norm(dim=1, keepdim=True)) @ unit).sum())


@pytest.mark.parametrize("place", [{"pixel": [3, 0]}, {"region": [0, 0, 3, 5]}, {"region": [2, 0, 2, 1]}])
def test_a_place_outside_of_the_maps_is_refused(place):
    with pytest.raises(ValueError, match="outside of the output"):
        score(MAPS, {"class": 0, **place})


class Patches(nn.Module):
    """A class token and six patches of two channels; the class token is added to the others' product with `w`."""

    def __init__(self):
        super().__init__()
        self.norm, self.late = nn.Identity(), nn.Identity()
        self.w = torch.arange(12.0, dtype=torch.float64).reshape(6, 2) - 5

    def forward(self, x):
        patches = self.norm(torch.cat([x.mean((2, 3))[:, None], x.flatten(2).transpose(1, 2)], 1))
        token = patches[:, :1] + (patches[:, 1:] * self.w).sum(1, keepdim=True)
        return self.late(torch.cat([token, patches[:, 1:]], 1))[:, 0]


@pytest.mark.parametrize("method", ["grad-cam", "hires-cam"])
def test_tokens_on_a_grid(method):
    network, x = Patches(), torch.arange(12.0, dtype=torch.float64).reshape(1, 2, 2, 3) ** 2
    params = {"tokens": {"skip": 1, "grid": [2, 3]}}
    stages = reference(method).explain(network, x, {"class": 1}, params, {})
    assert stages["activations"].equal(x)  # of "norm": after "late" only the class token is read
    gradient = torch.stack([torch.zeros(6), network.w[:, 1]]).reshape(1, 2, 2, 3)
    assert stages["gradient"].equal(gradient)
    named = reference(method).explain(network, x, {"class": 1}, {**params, "layer": "norm"}, {})
    assert all(named[name].equal(stages[name]) for name in stages)
    assert not reference(method).explain(network, x, {"class": 1}, {**params, "layer": "late"}, {})["gradient"].any()


def test_channels_last():
    network = nn.Sequential(nn.Unflatten(1, (2, 3, 4)), nn.Identity(), nn.Flatten())
    x = torch.arange(24.0, dtype=torch.float64).reshape(1, 24, 1, 1)
    params = {"layer": "1", "channelsLast": True}
    network[0] = nn.Sequential(nn.Flatten(), network[0])
    stages = reference("grad-cam").explain(network, x, {"weights": [float(i % 4) for i in range(24)]}, params, {})
    assert list(stages["activations"].shape) == [1, 4, 2, 3]
    assert stages["weights"].tolist() == [[0.0, 1.0, 2.0, 3.0]]
