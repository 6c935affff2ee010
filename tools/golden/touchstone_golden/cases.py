"""What the rows of golden/cases.jsonl name: references, networks, inputs and fixtures."""

import importlib.util
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file

from touchstone.goldens import Case
from touchstone.goldens import cases as read_cases
from touchstone.network.load import load_network

REPOSITORY = Path(__file__).resolve().parents[3]
METHODS = REPOSITORY / "packages" / "methods" / "src"

__all__ = ["METHODS", "REPOSITORY", "Case", "Subject", "read_cases", "reference", "subject"]


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
