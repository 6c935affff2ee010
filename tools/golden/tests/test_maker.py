"""Goldens from the repository's own cases: the same bytes twice, errors in both norms, regen and accept in a
separate folder.
"""

import json
import math
import shutil
from dataclasses import replace

import pytest
import torch
from safetensors.torch import load, save

from touchstone_golden import maker, sketch
from touchstone_golden.cases import REPOSITORY, read_cases
from touchstone_golden.maker import deterministic, errors, make_golden
from touchstone_golden.manifest import write_manifest
from touchstone_golden.regen import DIFFERENT, NEW, SAME, WITHIN, accept, compare, read_meta, regen
from touchstone_golden.repack import repack, repacked
from touchstone_golden.sampling import narrowed

GOLDEN = REPOSITORY / "golden"
SOME = ["smooth-grad/pool-ceil/cat-17x23", "guided-backprop/residual-preact/cat-32", "grad-cam/relu-functional/cat-32"]


@pytest.fixture(scope="module", autouse=True)
def settings():
    deterministic()
    yield
    torch.use_deterministic_algorithms(False)


@pytest.mark.parametrize("case_id", SOME)
def test_the_same_bytes_twice(case_id):
    (case,) = read_cases(GOLDEN, case_id)
    made = make_golden(GOLDEN, case)
    assert make_golden(GOLDEN, case) == made
    meta, tensors = read_meta(made), load(made)
    assert all(t.dtype == torch.float32 for t in tensors.values())
    assert set(meta["reference"]) == set(meta["stages"])
    rows = meta["sketch"]
    assert all(len(row["indices"]) <= (16 if math.prod(row["shape"]) > 1024 else 64) for row in rows)
    kept = {"sketch/forward": rows, "sketch/gradient": [row for row in rows if row["gradient"] is not None]}
    for name, of in kept.items():
        assert len(tensors[name]) == sum(len(row["indices"]) for row in of)


def test_alternatives_that_take_much_are_not_stored(monkeypatch):
    (case,) = read_cases(GOLDEN, "guided-backprop/efficientnet-lite0/cat")
    stored = (GOLDEN / "data" / f"{case.id}.safetensors").read_bytes()
    monkeypatch.setattr(maker, "MAX_FLIP_BYTES", 1000)
    made = make_golden(GOLDEN, case)
    before, after = read_meta(stored), read_meta(made)
    assert len(before["flips"]) == after["atRisk"] == before["atRisk"] == 1
    assert after["flips"] == [] and not any(name.startswith("flip/") for name in load(made))
    assert all(after["reference"][stage]["e2"] <= 4 * e["e2"] for stage, e in before["reference"].items())


def test_a_golden_that_judges_nothing_is_refused(monkeypatch):
    (case,) = read_cases(GOLDEN, "saliency/one-channel/person-28")
    with pytest.raises(ValueError, match=r"it is about the stages \['display'\]"):
        make_golden(GOLDEN, replace(case, about=["gradient", "display"]))
    monkeypatch.setattr(maker, "MAX_ERROR", 1e-9)
    with pytest.raises(ValueError, match=r"float32 is off by .*e-.. at stage '.*', at most 1e-09 is allowed"):
        make_golden(GOLDEN, case)


def test_errors():
    assert errors(torch.tensor([3.0, 5.0]), torch.tensor([3.0, 4.0])) == {"e2": 0.2, "eMax": 0.25}
    assert errors(torch.zeros(2), torch.zeros(2)) == {"e2": 0.0, "eMax": 0.0}
    assert errors(torch.ones(2), torch.zeros(2))["e2"] == float("inf")


@pytest.fixture
def folder(tmp_path):
    """A golden folder with one case."""
    golden = tmp_path / "golden"
    row = next(
        line
        for line in (GOLDEN / "cases.jsonl").read_text(encoding="utf-8").splitlines()
        if '"saliency/one-channel/person-28"' in line
    )
    (golden / "inputs").mkdir(parents=True)
    (golden / "cases.jsonl").write_text(row + "\n", encoding="utf-8")
    shutil.copytree(GOLDEN / "networks" / "one-channel", golden / "networks" / "one-channel")
    shutil.copy(GOLDEN / "inputs" / "person-28.safetensors", golden / "inputs")
    return golden, tmp_path / "new"


def test_regen_writes_to_a_new_folder_and_accept_moves(folder):
    golden, out = folder
    data = golden / "data" / "saliency" / "one-channel" / "person-28.safetensors"
    assert regen(golden, out, "*") == 1
    assert not data.exists()
    accept(golden, out, "*", everything=False)
    stale = golden / "data" / "saliency" / "gone.safetensors"
    stale.write_bytes(b"")
    assert regen(golden, out, "*") == 0
    accept(golden, out, "*", everything=False)
    assert not stale.exists()
    listed = json.loads((golden / "manifest.json").read_text(encoding="utf-8"))["files"]
    assert "data/saliency/one-channel/person-28.safetensors" in listed and "manifest.json" not in listed


def test_compare_says_how(folder, tmp_path):
    golden, _ = folder
    (case,) = read_cases(golden)
    made = make_golden(golden, case)
    file = tmp_path / "old.safetensors"
    assert compare(file, made) == NEW
    file.write_bytes(made)
    assert compare(file, made) == SAME
    last_bit, large = bytearray(made), bytearray(made)
    last_bit[-4] ^= 1  # the last bits of the last number
    large[-1] ^= 64  # its exponent
    assert compare(file, bytes(last_bit)) == WITHIN
    assert compare(file, bytes(large)) == DIFFERENT


def test_numbers_are_narrowed_where_float32_holds_them():
    held, too_small = torch.tensor([1 / 3, 0.0, -1e30]).double(), torch.tensor([1.0, 1e-40]).double()
    assert narrowed(held / 3).dtype == torch.float32
    assert narrowed(too_small / 3).dtype == narrowed(1e10 * held).dtype == torch.float64


def test_an_older_golden_is_repacked_as_it_would_be_made(folder):
    golden, out = folder
    regen(golden, out, "*")
    accept(golden, out, "*", everything=False)
    file = golden / "data" / "saliency" / "one-channel" / "person-28.safetensors"
    made = file.read_bytes()
    assert repacked(made) == made
    file.write_bytes(_older(golden))
    assert compare(file, made) == DIFFERENT
    repack(golden, "*")
    assert file.read_bytes() == made
    listed = json.loads((golden / "manifest.json").read_text(encoding="utf-8"))["files"]
    assert listed["data/saliency/one-channel/person-28.safetensors"]["bytes"] == len(made)


def _older(golden):
    """Float64, and for each row of the sketch a tensor for each direction, with up to 64 values."""
    (case,) = read_cases(golden)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sketch, "LARGE_OUTPUT", math.inf)
        patch.setattr(maker, "narrowed", torch.Tensor.double)
        made = make_golden(golden, case)
    meta, tensors = read_meta(made), load(made)
    assert any(len(row["indices"]) == 64 and math.prod(row["shape"]) > 1024 for row in meta["sketch"])
    for name in ("forward", "gradient"):
        rows = [i for i, row in enumerate(meta["sketch"]) if row[name] is not None]
        lengths = [len(meta["sketch"][i]["indices"]) for i in rows]
        for i, probes in zip(rows, tensors.pop(f"sketch/{name}").split(lengths), strict=True):
            tensors[f"sketch/{i}/{name}"] = probes.clone()
    return save(tensors, {"touchstone": json.dumps(meta)})


def test_manifest_names_no_host(folder):
    golden, _ = folder
    write_manifest(golden)
    manifest = json.loads((golden / "manifest.json").read_text(encoding="utf-8"))
    assert set(manifest) == {"version", "software", "machines", "files", "licences"}
    assert len(manifest["machines"]) == 1 and "torch" in manifest["machines"][0]
