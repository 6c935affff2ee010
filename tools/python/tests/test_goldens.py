"""The goldens of this repository, read and checked."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from touchstone import GoldenError, cases, read_golden

GOLDEN = Path(__file__).parents[3] / "golden"
CASE = "saliency/tiny-vgg/batch-32"


def test_cases():
    assert len(cases(GOLDEN)) > 500
    assert {case.method for case in cases(GOLDEN, "grad-cam/*")} == {"grad-cam"}


def test_a_golden():
    golden = read_golden(GOLDEN, CASE)
    assert list(golden.stages) == ["logits", "gradient", "attribution"]
    assert golden.stages["gradient"].shape == golden.x.shape == (4, 3, 32, 32)
    assert (golden.stages["gradient"].dtype, golden.x.dtype) == (np.float64, np.float32)
    assert golden.case.target == {"class": [5, 1, 4, 8]} and golden.fixtures == {}
    assert golden.meta["reference"]["gradient"]["e2"] < 1e-4 and (golden.network / "network.json").exists()


def test_fixtures():
    golden = read_golden(GOLDEN, cases(GOLDEN, "smooth-grad/tiny-vgg/*")[0].id)
    assert golden.fixtures["noise"].shape[1:] == golden.x.shape


@pytest.mark.parametrize("path", [f"data/{CASE}.safetensors", "inputs/batch-32.safetensors"])
def test_a_damaged_file(path, tmp_path):
    for name in ("cases.jsonl", "manifest.json", f"data/{CASE}.safetensors", "inputs/batch-32.safetensors"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(GOLDEN / name, tmp_path / name)
    with (tmp_path / path).open("r+b") as file:
        file.seek(-1, 2)
        file.write(b"\x7f")
    with pytest.raises(GoldenError, match="checksum mismatch"):
        read_golden(tmp_path, CASE)


def test_what_is_missing(tmp_path):
    with pytest.raises(GoldenError, match="there is no case 'none'"):
        read_golden(GOLDEN, "none")
    with pytest.raises(GoldenError, match="give the golden/ folder"):
        cases(tmp_path)
