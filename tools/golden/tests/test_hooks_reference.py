"""Hooks on modules: kinds, order, registration, removal, errors. Every trace is worked out by hand.

`times(2, 3)` is 1 → ×2 → ×3: the inputs are 1 and 2, the output is 6; the gradients are 1 at the output, 3 between, 6
at x.
"""

import pytest
import torch
from hook_programs import RUN, THROW, explain, hook, names, program, register, remove, scale, times, trace
from torch import nn


def test_every_kind_on_one_module():
    lines = trace(
        times(2, 3),
        program(
            hook("a", "forward-pre", "1"),
            hook("b", "forward", "1"),
            hook("c", "backward-pre", "1"),
            hook("d", "backward", "1"),
            hook("e", "parameter", "1.weight"),
            RUN,
            parameters=["1.weight"],
        ),
    )
    assert lines == [
        "forward-pre a 1#1 input0 2",
        "forward b 1#1 input0 2 | output 6",
        "output 6",
        "backward-pre c 1#1 gradOutput0 1",
        "parameter e 1.weight#1 grad 2",
        "backward d 1#1 gradInput0 3 | gradOutput0 1",
        "grad x 6 | 1.weight 2",
    ]


def test_attribution_has_the_sum_of_each_event():
    stages = explain(
        times(2, 3),
        torch.ones(1, 1, dtype=torch.float64),
        {"class": 0},
        {"program": program(hook("a", "forward", "1"), RUN)},
        {},
    )
    assert stages["attribution"].tolist() == [8.0, 6.0, 6.0]
    assert list(stages) == [
        "0000 forward a 1#1 input0",
        "0000 forward a 1#1 output",
        "0001 output",
        "0002 grad x",
        "attribution",
    ]


def test_parents_around_children_forwards_and_backwards():
    network = nn.Sequential(times(2), times(3))
    kinds = ("forward-pre", "forward", "backward-pre", "backward")
    hooks = [hook(f"{kind}-{at}", kind, at) for at in ("", "0", "0.0") for kind in kinds]
    assert names(trace(network, program(*hooks, RUN))) == [
        "forward-pre forward-pre- .", "forward-pre forward-pre-0 0", "forward-pre forward-pre-0.0 0.0",
        "forward forward-0.0 0.0", "forward forward-0 0", "forward forward- .", "output 6",
        "backward-pre backward-pre- .", "backward-pre backward-pre-0 0", "backward-pre backward-pre-0.0 0.0",
        "backward backward-0.0 0.0", "backward backward-0 0", "backward backward- .", "grad x 6",
    ]  # fmt: skip


@pytest.mark.parametrize("kind", ["forward-pre", "forward", "backward-pre", "backward"])
def test_global_first_then_prepended_then_registered(kind):
    steps = [
        hook("own", kind, "0"), hook("first", kind, "0", prepend=True), hook("very-first", kind, "0", prepend=True),
        hook("all", f"global-{kind}"), RUN,
    ]  # fmt: skip
    lines = names(trace(times(2), program(*steps)))
    assert [line for line in lines if line.endswith(" 0")] == [
        f"global-{kind} all 0",
        f"{kind} very-first 0",
        f"{kind} first 0",
        f"{kind} own 0",
    ]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("forward-pre", ["forward-pre b 1#1 input0 20", "output 60", "grad x 60"]),
        ("forward", ["forward b 1#1 input0 2 | output 60", "output 60", "grad x 60"]),
        ("backward-pre", ["output 6", "backward-pre b 1#1 gradOutput0 10", "grad x 60"]),
        ("backward", ["output 6", "backward b 1#1 gradInput0 30 | gradOutput0 1", "grad x 60"]),
    ],
)
def test_a_replacement_is_what_the_next_hook_sees(kind, expected):
    lines = trace(times(2, 3), program(hook("a", kind, "1", scale(10)), hook("b", kind, "1"), RUN))
    assert [line for line in lines if not line.startswith(f"{kind} a ")] == expected


def test_two_scales_multiply_and_on_selects_the_firing():
    steps = [hook("a", "forward", "0", scale(2), scale(5, on=2)), RUN, RUN]
    assert [line for line in trace(times(3), program(*steps)) if line.startswith("output")] == ["output 6", "output 30"]


@pytest.mark.parametrize("kind", ["forward-pre", "forward", "backward-pre", "backward", "parameter"])
def test_removed_or_registered_inside_counts_from_the_next_run(kind):
    at = "0.weight" if kind == "parameter" else "0"
    steps = [
        hook("a", kind, at, remove("b", on=1), register(hook("c", kind, at), on=1), remove("a", on=2)),
        hook("b", kind, at),
        RUN,
        RUN,
        RUN,
    ]  # fmt: skip
    fired = [
        line.split()[1]
        for line in trace(times(2), program(*steps, parameters=["0.weight"]))
        if line.startswith(f"{kind} ")
    ]
    assert fired == ["a", "b", "a", "c", "c"]


def test_a_backward_hook_removed_in_the_forward_pass_of_its_module_still_fires():
    steps = [
        hook("a", "forward-pre", "0", remove("b"), remove("c")),
        hook("b", "backward", "0"),
        hook("c", "backward", "1"),
        RUN,
        RUN,
    ]
    assert [line.split()[1] for line in trace(times(2, 3), program(*steps)) if line.startswith("backward")] == ["b"]


def test_registered_inside_and_prepended():
    steps = [hook("a", "forward", "0", register(hook("b", "forward", "0", prepend=True), on=1)), RUN, RUN]
    assert [line.split()[1] for line in trace(times(2), program(*steps)) if line.startswith("forward")] == [
        "a",
        "b",
        "a",
    ]


def test_each_registration_is_a_hook_and_the_name_means_the_latest():
    steps = [
        hook("a", "forward", "0", register(hook("b", "forward", "1"))),
        RUN,
        RUN,
        remove("b"),
        remove("a"),
        remove("a"),
        RUN,
    ]
    fired = [line.split(" ")[1:3] for line in trace(times(2, 3), program(*steps)) if line.startswith("forward")]
    assert fired == [["a", "0#1"], ["b", "1#1"], ["a", "0#2"], ["b", "1#2"], ["b", "1#3"], ["b", "1#4"]]


def test_removing_an_unknown_hook_does_nothing():
    assert trace(times(2), program(remove("unknown"), RUN)) == ["output 2", "grad x 2"]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("forward-pre", ["forward-pre a 1#1 input0 2", "threw a"]),
        ("forward", ["forward a 1#1 input0 2 | output 6", "threw a"]),
        ("backward-pre", ["output 6", "backward-pre a 1#1 gradOutput0 1", "threw a"]),
        ("backward", ["output 6", "backward a 1#1 gradInput0 3 | gradOutput0 1", "threw a"]),
    ],
)
def test_a_throw_ends_the_run_only(kind, expected):
    lines = trace(
        times(2, 3), program(hook("a", kind, "1", {**THROW, "on": 1}), hook("b", kind, "1"), RUN, remove("b"), RUN)
    )
    assert lines[: len(expected)] == expected
    assert lines[len(expected) :][-1] == "grad x 6" and any(line.startswith(f"{kind} a 1#2") for line in lines)


def test_a_module_called_twice_fires_twice_the_last_call_first_and_a_weight_once():
    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = times(2)

        def forward(self, x):
            return self.inner(self.inner(x))

    lines = trace(
        Twice(),
        program(
            hook("a", "forward", "inner"),
            hook("b", "backward", "inner"),
            hook("w", "parameter", "inner.0.weight"),
            RUN,
            parameters=["inner.0.weight"],
        ),
    )
    assert lines == [
        "forward a inner#1 input0 1 | output 2", "forward a inner#2 input0 2 | output 4", "output 4",
        "backward b inner#1 gradInput0 2 | gradOutput0 1",
        "parameter w inner.0.weight#1 grad 4",
        "backward b inner#2 gradInput0 4 | gradOutput0 2",
        "grad x 4 | inner.0.weight 4",
    ]  # fmt: skip


def test_a_shared_module_has_its_first_name():
    inner = times(2)
    network = nn.Sequential(inner, nn.Identity(), inner)
    assert [
        line.split("#")[0]
        for line in trace(network, program(hook("a", "forward", "2"), RUN))
        if line.startswith("forward")
    ] == ["forward a 0"] * 2
