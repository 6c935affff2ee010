"""Goldens that keep samples, have postconditions or count their work, compared with one that does none of these."""

import dataclasses
from types import SimpleNamespace

import pytest
import torch
from safetensors.torch import load
from torch.nn import functional as F

from touchstone_golden import maker
from touchstone_golden.cases import REPOSITORY, read_cases
from touchstone_golden.comparison import comparison_ends
from touchstone_golden.maker import deterministic, make_golden
from touchstone_golden.regen import DIFFERENT, WITHIN, compare, read_meta
from touchstone_golden.sampling import keep, samplings
from touchstone_golden.work import counted_work

GOLDEN = REPOSITORY / "golden"


@pytest.fixture(scope="module", autouse=True)
def settings():
    deterministic()
    yield
    torch.use_deterministic_algorithms(False)


@pytest.mark.parametrize(
    ("values", "every"), [(4096, None), (4097, 2), (3 * 4096, 3), (3 * 4096 + 1, 5), (150528, 37), (1797**2, 797)]
)
def test_the_smallest_prime_that_leaves_few_values(values, every):
    found = samplings({"stage": torch.zeros(1, values)})
    assert found == ({} if every is None else {"stage": {"shape": [1, values], "every": every}})
    if every:
        assert len(keep({"stage": torch.zeros(values)}, found)["stage"]) <= 4096


def test_a_sampled_golden_is_the_whole_one_at_every_nth_value(monkeypatch):
    (case,) = read_cases(GOLDEN, "guided-backprop/tiny-vgg/batch-32")
    whole = make_golden(GOLDEN, case)
    monkeypatch.setattr("touchstone_golden.sampling.MAX_VALUES", 1000)
    monkeypatch.setattr("touchstone_golden.sketch.MANY_CALLS", 5)
    small = make_golden(GOLDEN, dataclasses.replace(case, sampled=True))
    meta, tensors, before = read_meta(small), load(small), load(whole)
    assert not {"sampled", "claimed", "multiplyAdds"} & set(read_meta(whole))
    assert meta["sampled"]["gradient"] == {"shape": [4, 3, 32, 32], "every": 13}
    assert torch.equal(tensors["gradient"], before["gradient"].flatten()[::13])
    assert tensors["logits"].shape == before["logits"].shape and "logits" not in meta["sampled"]
    assert all(t.numel() <= 1000 for name, t in tensors.items() if not name.startswith("sketch/"))
    assert all(len(row["indices"]) <= 16 for row in meta["sketch"])
    assert all(e["e2"] > 0 for name, e in meta["reference"].items())
    file = SimpleNamespace(exists=lambda: True, read_bytes=lambda: whole)
    assert compare(file, small) == DIFFERENT


def test_work_is_counted_forward_and_backward():
    x = torch.zeros(2, 3, 8, 8, requires_grad=True)
    kernel, matrix = torch.zeros(5, 3, 3, 3), torch.zeros(7, 5 * 36)
    with counted_work() as work:
        out = F.linear(F.conv2d(x, kernel).flatten(1), matrix)
        torch.autograd.grad(out.sum(), x)
    forward = 2 * 36 * 27 * 5 + 2 * 5 * 36 * 7
    assert work.multiply_adds == 2 * forward
    with counted_work() as grouped:
        F.conv2d(torch.zeros(1, 6, 8, 8), torch.zeros(6, 1, 3, 3), groups=6)
    assert grouped.multiply_adds == 36 * 9 * 6


class Climb:
    """x ← x + ∇f, two steps compared and `steps` in all; its postcondition: it has risen."""

    POSTCONDITION_STAGES = ("steps", "attribution")

    def __init__(self, steps=5, sign=1):
        self.steps, self.sign, self.passes = steps, sign, 0

    def explain(self, network, x, target, params, fixtures):
        image, stages = x, {}
        for step in range(self.steps):
            if step == 2:
                comparison_ends(stages)
            leaf = image.clone().requires_grad_()
            (g,) = torch.autograd.grad(network(leaf.clone())[:, target["class"]].sum(), leaf)
            self.passes += 1
            image = image + self.sign * 0.1 * g
            if step < 2:
                stages[f"image-{step + 1}"] = image
        return {**stages, "steps": torch.tensor([float(self.steps)]), "attribution": image}

    def postconditions(self, network, x, target, params, fixtures, stages):
        with torch.no_grad():
            before, after = (network(image.clone())[:, target["class"]] for image in (x, stages["attribution"]))
        return {"rising": bool((after > before).all()), "counted": bool(stages["steps"].item() == self.steps)}


@pytest.fixture
def case(monkeypatch):
    (case,) = read_cases(GOLDEN, "saliency/tiny-vgg/cat-32")

    def made_by(method):
        monkeypatch.setattr(maker, "reference", lambda _: method)
        return make_golden(GOLDEN, case)

    return made_by


def test_postcondition_stages_are_not_compared_and_stored_where_small(case):
    made = case(Climb())
    meta, tensors = read_meta(made), load(made)
    assert meta["stages"] == ["image-1", "image-2", "steps", "attribution"]
    assert meta["claimed"] == {"steps": [1], "attribution": [1, 3, 32, 32]}
    assert set(meta["reference"]) == {"image-1", "image-2"}
    assert tensors["steps"].tolist() == [5] and "attribution" not in tensors
    # One pass is watched and sketched per compared step; all are counted.
    assert meta["multiplyAdds"] == 5 / 3 * read_meta(case(Climb(3)))["multiplyAdds"]
    other = SimpleNamespace(exists=lambda: True, read_bytes=lambda: made)
    changed = bytearray(made)
    at = made.index(tensors["steps"].numpy().tobytes())
    changed[at + 2] ^= 1
    assert compare(other, bytes(changed)) == WITHIN


def test_later_steps_are_neither_watched_nor_repeated(case):
    long, short = Climb(40), Climb(2)
    metas = [read_meta(case(method)) for method in (long, short)]
    assert metas[0]["atRisk"] == metas[1]["atRisk"] and metas[0]["margin"] == metas[1]["margin"]
    # In float64 and in float32 to the end; trials at switch points, if any, only as far as is compared.
    assert long.passes - 2 * 40 == short.passes - 2 * 2


def test_a_broken_postcondition_is_an_error(case):
    with pytest.raises(
        ValueError, match=r"saliency/tiny-vgg/cat-32: PyTorch's own answer .* breaks the postconditions \['rising'\]"
    ):
        case(Climb(sign=-1))


def test_a_reference_must_give_its_postcondition_stages(case):
    method = Climb()
    method.POSTCONDITION_STAGES = ("attribution", "end")
    with pytest.raises(ValueError, match=r"POSTCONDITION_STAGES names \['end'\], but the reference gives no such"):
        case(method)
