"""The example port explains sums over heads; `touchstone verify --outputs` judges the rest of it."""

import importlib.util
from pathlib import Path

import pytest
import torch

from touchstone_golden.torch_rules import score

FILE = Path(__file__).parents[2] / "ports" / "torch_port.py"


@pytest.fixture(scope="module")
def port():
    spec = importlib.util.spec_from_file_location("torch_port", FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    "terms",
    [[("roll", "−1.5·i+40"), ("yaw", "3·i−90")], [("yaw", "2*i")], [("roll", "3·i-90"), ("roll", "1·i")]],
)
def test_seed_of_a_sum(port, terms):
    heads = [{"name": "yaw", "size": 4}, {"name": "pitch", "size": 3}, {"name": "roll", "size": 5}]
    target = {"sum": [{"head": head, "expectation": line} for head, line in terms]}
    logits = torch.randn(2, 12, generator=torch.Generator().manual_seed(0)).requires_grad_()
    (expected,) = torch.autograd.grad(score(logits, target, [(h["name"], h["size"]) for h in heads]), logits)
    network = torch.nn.Identity()
    network.description = {"heads": heads}
    torch.testing.assert_close(port.seed_of(network, target, logits.detach()), expected)
