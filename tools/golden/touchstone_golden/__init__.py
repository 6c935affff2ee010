"""From PyTorch to Touchstone: networks as folders, and the goldens made from them."""

# Before PyTorch, which takes seconds to load.
from .end_with_parent import end_with_parent

end_with_parent()

from .export import export_network  # noqa: E402
from .faults import ExportError, NetworkError  # noqa: E402
from .load import load_network  # noqa: E402

__all__ = ["ExportError", "NetworkError", "export_network", "load_network"]
