"""Hooks on tensors and in-place operations, missing gradients. Every trace is worked out by hand."""

import pytest
import torch
from hook_programs import RUN, hook, program, register, scale, tensor_hook, times, trace
from torch import nn
from torch.nn.modules import module as every_module


def test_tensor_hooks_see_the_total_gradient_and_may_replace_it():
    class Residual(nn.Module):
        def __init__(self):
            super().__init__()
            self.stem, self.body = times(2), times(3)

        def forward(self, x):
            x = self.stem(x)
            return x + self.body(x)

    steps = [hook("a", "forward", "stem", tensor_hook("output", "t", scale(10)), tensor_hook("output", "u")), RUN]
    assert trace(Residual(), program(*steps))[1:] == [
        "output 8",
        "tensor t -#1 grad 4",
        "tensor u -#1 grad 40",
        "grad x 80",
    ]


@pytest.mark.parametrize(
    ("acts", "expected"),
    [
        ((tensor_hook("output", "t"), scale(10)), "tensor t -#1 grad 30"),
        ((scale(10), tensor_hook("output", "t")), "tensor t -#1 grad 3"),
    ],
)
def test_a_tensor_hook_belongs_to_the_tensor_before_or_after_the_scale(acts, expected):
    assert expected in trace(times(2, 3), program(hook("a", "forward", "0", *acts), RUN))


def test_the_input_of_a_forward_hook_is_behind_the_backward_hook():
    steps = [
        hook("a", "forward-pre", "1", tensor_hook("input", "outside")),
        hook("b", "forward", "1", tensor_hook("input", "inside")),
        hook("c", "backward", "1", scale(10)), RUN,
    ]  # fmt: skip
    assert trace(times(2, 3), program(*steps))[3:] == [
        "tensor inside -#1 grad 3",
        "backward c 1#1 gradInput0 3 | gradOutput0 1",
        "tensor outside -#1 grad 30",
        "grad x 60",
    ]  # fmt: skip


def inplace():
    return nn.Sequential(times(-2), nn.ReLU(inplace=True), times(3))


def test_an_in_place_relu_changes_what_its_hooks_see_and_tensor_hooks_keep_their_place():
    steps = [
        hook("a", "forward", "0", tensor_hook("output", "before")),
        hook("b", "forward", "1", tensor_hook("output", "after")),
        RUN,
    ]
    assert trace(inplace(), program(*steps)) == [
        "forward a 0#1 input0 1 | output -2", "forward b 1#1 input0 0 | output 0", "output 0",
        "tensor after -#1 grad 3", "tensor before -#1 grad 0", "grad x 0",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("at", "ends"), [("0", "threw framework"), ("1", "threw framework"), ("2", "grad x 0"), ("", "grad x 0")]
)
@pytest.mark.parametrize("kind", ["backward", "backward-pre"])
def test_a_backward_hook_forbids_an_in_place_operation_on_its_view(kind, at, ends):
    lines = trace(inplace(), program(hook("a", kind, at), RUN))
    assert lines[-1] == ends and (ends != "threw framework" or lines == [ends])


@pytest.mark.parametrize(
    ("gradient", "expected"), [(True, ["threw framework"]), (False, ["output 3", "grad x null | 1.weight 1"])]
)
def test_an_in_place_operation_on_the_leaf(gradient, expected):
    network = nn.Sequential(nn.ReLU(inplace=True), *times(3))
    assert trace(network, program(RUN, gradient=gradient, parameters=["1.weight"])) == expected


def test_without_a_gradient_at_the_input_there_is_none_in_the_hook_and_it_fires_first():
    lines = trace(
        times(2, 3),
        program(
            hook("a", "backward", "0"), hook("w", "parameter", "0.weight"), RUN, gradient=False, parameters=["0.weight"]
        ),
    )
    assert lines[:-1] == ["output 6", "backward a 0#1 gradInput0 null | gradOutput0 3", "parameter w 0.weight#1 grad 3"]


def test_where_nothing_requires_a_gradient_backward_is_an_error():
    assert trace(times(2), program(hook("a", "backward", "0"), RUN, gradient=False)) == ["output 2", "threw framework"]


def test_a_saved_output_that_is_changed_in_place_is_an_error_in_backward():
    network = nn.Sequential(times(2), nn.ReLU(), nn.ReLU(inplace=True))
    assert trace(network, program(hook("a", "backward", "0"), RUN)) == ["output 2", "threw framework"]


def test_the_null_of_the_second_input_does_not_exist_it_is_zeros():
    class Two(nn.Module):
        def forward(self, a, b):
            return a + b

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.stem, self.two = times(2), Two()

        def forward(self, x):
            return self.two(self.stem(x), x)

    lines = trace(Net(), program(hook("a", "backward", "two"), RUN, gradient=False, parameters=["stem.0.weight"]))
    assert lines[1] == "backward a two#1 gradInput0 1 | gradInput1 0 | gradOutput0 1"


def test_batches_and_maps_with_a_weighted_target():
    network = nn.Sequential(nn.Conv2d(1, 2, 1, bias=False), nn.Flatten()).double()
    network[0].weight.data = torch.tensor([1.0, 2.0], dtype=torch.float64).reshape(2, 1, 1, 1)
    x = [[[[1.0]]], [[[2.0]]]]
    lines = trace(network, program(hook("a", "backward", "0"), RUN), x, {"weights": [1.0, 10.0]})
    assert lines == ["output 1,2,2,4", "backward a 0#1 gradInput0 21,21 | gradOutput0 1,10,1,10", "grad x 21,21"]
    assert trace(network, program(RUN), x, {"class": [1, 0]})[-1] == "grad x 2,1"


def test_nothing_is_left_behind():
    network = times(2, 3).requires_grad_(False)
    network[0].weight.requires_grad_()
    network[0].weight.grad = kept = torch.ones(1, 1, dtype=torch.float64)
    hooks = [hook(kind, kind, "0") for kind in ("forward-pre", "forward", "backward-pre", "backward")]
    everywhere = [
        hook(kind, kind) for kind in ("global-forward-pre", "global-forward", "global-backward-pre", "global-backward")
    ]
    lost = hook("w", "parameter", "1.weight", register(hook("again", "global-forward")))
    with pytest.raises(AttributeError):
        trace(
            network,
            program(*hooks, *everywhere, lost, RUN, hook("a", "forward", "no-such-module"), parameters=["1.weight"]),
        )
    assert [p.requires_grad for p in network.parameters()] == [True, False] and network[0].weight.grad is kept
    modules = [
        m._forward_pre_hooks or m._forward_hooks or m._backward_pre_hooks or m._backward_hooks
        for m in network.modules()
    ]
    globals_ = [
        getattr(every_module, f"_global_{kind}_hooks")
        for kind in ("forward_pre", "forward", "backward_pre", "backward")
    ]
    assert not any(modules) and not any(globals_) and not network[1].weight._backward_hooks
