"""Without PyTorch the files that import it are skipped, with that reason."""

from importlib.util import find_spec

import pytest


class NeedsTorch(pytest.Module):
    def collect(self):
        pytest.skip("needs PyTorch")


def pytest_pycollect_makemodule(module_path, parent):
    if find_spec("torch") is None and "import torch" in module_path.read_text(encoding="utf-8"):
        return NeedsTorch.from_parent(parent, path=module_path)
    return None
