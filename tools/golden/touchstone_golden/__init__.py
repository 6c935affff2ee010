"""Makes the goldens from PyTorch. The package `touchstone` of tools/python exports and loads the networks."""

import sys
from pathlib import Path

_CHECKOUT = Path(__file__).resolve().parents[2] / "python"
if _CHECKOUT.is_dir():  # goldens are made with the `touchstone` of the same checkout, installed or not
    sys.path.insert(0, str(_CHECKOUT))

# Before PyTorch, which takes seconds to load.
from touchstone import ExportError, NetworkError, export_network, load_network  # noqa: E402

__all__ = ["ExportError", "NetworkError", "export_network", "load_network"]
