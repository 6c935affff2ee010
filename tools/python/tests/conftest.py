"""A file that imports a library which is not installed is skipped, with that reason."""

import re
from importlib.util import find_spec

import pytest

LIBRARIES = {"torch": "PyTorch", "torchvision": "torchvision"}


class Skipped(pytest.Module):
    def collect(self):
        pytest.skip(f"needs {missing_in(self.path)}")


def missing_in(path):
    text = path.read_text(encoding="utf-8")
    for module, name in LIBRARIES.items():
        if find_spec(module) is None and re.search(rf"^\s*(import|from) {module}\b", text, re.MULTILINE):
            return name
    return None


def pytest_pycollect_makemodule(module_path, parent):
    if missing_in(module_path) is not None:
        return Skipped.from_parent(parent, path=module_path)
    return None
