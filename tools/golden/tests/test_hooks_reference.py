"""Hook programs on networks of single numbers: every trace is worked out by hand.

`chain` is 1 → ×2 → ×3: the inputs are 1 and 2, the output is 6; the gradients are 1 at the output, 3 between, 6 at x.
"""

import pytest
import torch
from torch import nn
from torch.nn.modules import module as every_module

from touchstone_golden.cases import reference

explain = reference("hooks").explain


def times(*factors):
    layers = [nn.Linear(1, 1, bias=False) for _ in factors]
    for layer, factor in zip(layers, factors):
        nn.init.constant_(layer.weight, factor)
    return nn.Sequential(*layers).double()


def hook(name, kind, at=None, *acts, **more):
    return {"name": name, "kind": kind, **({} if at is None else {"at": at}), "acts": list(acts), **more}


def scale(by, **more):
    return {"do": "scale", "by": by, **more}


def tensor_hook(of, name, *acts, **more):
    return {"do": "hook-tensor", "of": of, "hook": hook(name, "tensor", None, *acts), **more}


def register(what, **more):
    return {"do": "register", "hook": what, **more}


def remove(name, **more):
    return {"do": "remove", "hook": name, **more}


RUN, THROW = {"do": "run"}, {"do": "throw"}


def program(*steps, parameters=(), gradient=True):
    """Hooks among the steps are registered."""
    steps = [{"do": "register", "hook": step} if "kind" in step else step for step in steps]
    return {"inputGradient": gradient, "parameters": list(parameters), "steps": steps}


def trace(network, program, x=1.0, target=None):
    """The stages as text, `event value`, without the numbers, which must count from 0; the values of one event are
    joined.
    """
    x = torch.tensor(x, dtype=torch.float64)
    stages = explain(network, x.reshape(1, -1) if x.dim() < 2 else x, target or {"class": 0}, {"program": program}, {})
    sums = stages.pop("attribution").tolist()
    lines, numbers = [], []
    for name, t in stages.items():
        number, label = name[:4], name[5:]
        text = (
            label
            if label.startswith("threw") or label.endswith(" null")
            else f"{label} {','.join(f'{v:g}' for v in t.flatten().tolist())}"
        )
        if number in numbers:
            lines[-1] += " | " + text.rsplit(" ", 2)[1] + " " + text.rsplit(" ", 2)[2]
        else:
            numbers.append(number)
            lines.append(text)
    assert numbers == [f"{i:04}" for i in range(len(sums))]
    return lines


def names(lines):
    return [line.split("#")[0] for line in lines]


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
