"""Reads goldens: what PyTorch computed for each case, stage by stage. docs/formats.md has the format."""

import hashlib
import json
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

import numpy as np
import safetensors.numpy


class GoldenError(ValueError):
    """A golden folder, or a file of it, is missing, or not what its manifest says."""


@dataclass
class Case:
    """A row of cases.jsonl. `about`: the stages that it is about, or "every stage"."""

    id: str
    method: str
    network: str
    input: str
    target: dict
    profile: str
    why: str
    fixture: str | None = None
    params: dict = field(default_factory=dict)
    sampled: bool = False
    about: list | str = field(default_factory=list)


@dataclass(frozen=True)
class Golden:
    """`stages`: name → float64 array, of a sampled stage a part of its values; `x`, `fixtures`: the input, float32;
    `meta`: GoldenMeta of docs/formats.md; `network`: the network's folder.
    """

    case: Case
    stages: dict[str, np.ndarray]
    x: np.ndarray
    fixtures: dict[str, np.ndarray]
    meta: dict
    network: Path


def cases(golden="golden", pattern="*"):
    """The cases whose id matches the glob `pattern`, in the order of the file. Raises GoldenError."""
    lines = _read(Path(golden) / "cases.jsonl").decode().splitlines()
    rows = [Case(**json.loads(line)) for line in lines if line.strip()]
    return [row for row in rows if fnmatchcase(row.id, pattern)]


def read_golden(golden, case_id):
    """The golden of a case, with its input. Each file is checked against manifest.json. Raises GoldenError."""
    golden = Path(golden)
    case = next((row for row in cases(golden) if row.id == case_id), None)
    if case is None:
        raise GoldenError(f"{golden / 'cases.jsonl'}: there is no case {case_id!r}")
    listed = json.loads(_read(golden / "manifest.json"))["files"]
    data = _checked(golden, f"data/{case.id}.safetensors", listed)
    size = int.from_bytes(data[:8], "little")
    meta = json.loads(json.loads(data[8 : 8 + size])["__metadata__"]["touchstone"])
    tensors = safetensors.numpy.load(data)
    fixture = f"fixtures/{case.fixture}.safetensors"
    return Golden(
        case=case,
        stages={stage: tensors[stage].astype(np.float64) for stage in meta["stages"] if stage in tensors},
        x=safetensors.numpy.load(_checked(golden, f"inputs/{case.input}.safetensors", listed))["x"],
        fixtures=safetensors.numpy.load(_checked(golden, fixture, listed)) if case.fixture else {},
        meta=meta,
        network=golden / "networks" / case.network,
    )


def _checked(golden, path, listed):
    content = _read(golden / path)
    if path not in listed or hashlib.sha256(content).hexdigest() != listed[path]["sha256"]:
        raise GoldenError(f"{golden / path}: checksum mismatch with manifest.json; run `touchstone golden verify`")
    return content


def _read(file):
    try:
        return file.read_bytes()
    except OSError as error:
        raise GoldenError(f"{file}: {error.strerror}; give the golden/ folder of a checkout") from None
