"""Touchstone for Python: export PyTorch networks, read goldens, and have your own explanations judged.

PyTorch is imported where it is needed only: a port in NumPy works without it.
"""

from importlib import import_module

from .end_with_parent import end_with_parent
from .network.faults import ExportError, NetworkError
from .port.port import Port, Unsupported

end_with_parent()

_LATE = {
    "export_network": ".network.export",
    "load_network": ".network.load",
    "cases": ".goldens",
    "read_golden": ".goldens",
    "GoldenError": ".goldens",
    "serve": ".port.serve",
    "answer_export": ".port.files",
}
"""Name → the module that has it, which imports NumPy or PyTorch."""

__all__ = ["ExportError", "NetworkError", "Port", "Unsupported", *_LATE]


def __getattr__(name):
    if name not in _LATE:
        raise AttributeError(f"module 'touchstone' has no attribute {name!r}")
    return getattr(import_module(_LATE[name], __name__), name)
