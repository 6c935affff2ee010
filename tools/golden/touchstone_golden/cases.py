"""The rows of golden/cases.jsonl, and the files that they name."""

import importlib.util
import json
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

import torch
from safetensors.torch import load_file

from touchstone.network.load import load_network

REPOSITORY = Path(__file__).resolve().parents[3]
METHODS = REPOSITORY / "packages" / "methods" / "src"


@dataclass
class Case:
    """One row; the fields are those of CaseRow in packages/contract/src/domain/."""

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


def read_cases(golden, pattern="*"):
    """The cases whose id matches the glob `pattern`, in the order of the file."""
    lines = (golden / "cases.jsonl").read_text(encoding="utf-8").splitlines()
    cases = [Case(**json.loads(line)) for line in lines if line.strip()]
    return [case for case in cases if fnmatchcase(case.id, pattern)]


def reference(method):
    """The module `reference.py` of a method: `explain(network, x, target, params, fixtures)`."""
    spec = importlib.util.spec_from_file_location(f"reference_{method}", METHODS / method / "reference.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@dataclass
class Subject:
    """The network, input and fixtures of a case, in one precision."""

    network: torch.nn.Module
    x: torch.Tensor
    fixtures: dict


def subject(golden, case, dtype):
    """The case's network, input and fixtures, converted from the stored float32 to `dtype`."""
    network = load_network(golden / "networks" / case.network).requires_grad_(False).to(dtype)
    fixtures = load_file(golden / "fixtures" / f"{case.fixture}.safetensors") if case.fixture else {}
    x = load_file(golden / "inputs" / f"{case.input}.safetensors")["x"]
    return Subject(network, x.to(dtype), {name: t.to(dtype) for name, t in fixtures.items()})
