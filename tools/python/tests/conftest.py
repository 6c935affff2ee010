"""Without PyTorch only the tests that do not need it are collected."""

from importlib.util import find_spec
from pathlib import Path

collect_ignore = [
    file.name
    for file in Path(__file__).parent.glob("test_*.py")
    if find_spec("torch") is None and "import torch" in file.read_text(encoding="utf-8")
]
