"""From PyTorch to Touchstone: networks as folders, and the goldens made from them."""

from .export import export_network
from .faults import ExportError, NetworkError
from .load import load_network

__all__ = ["ExportError", "NetworkError", "export_network", "load_network"]
