"""golden/probes.json is what this PyTorch answers."""

import json

import pytest
from touchstone_golden.cases import REPOSITORY
from touchstone_golden.probes import rows

STORED = json.loads((REPOSITORY / "golden" / "probes.json").read_text(encoding="utf-8"))["probes"]


def test_the_same_probes():
    assert [row["id"] for row in rows()] == [row["id"] for row in STORED]


@pytest.mark.parametrize(("stored", "now"), list(zip(STORED, rows())), ids=[row["id"] for row in STORED])
def test_the_same_answers(stored, now):
    assert (now["asks"], now["inputs"], now["answer"]["shape"]) == (
        stored["asks"],
        stored["inputs"],
        stored["answer"]["shape"],
    )
    assert now["answer"]["data"] == pytest.approx(stored["answer"]["data"], rel=1e-12, abs=1e-12)
