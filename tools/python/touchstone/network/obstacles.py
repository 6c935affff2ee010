"""Everything that stands in the way of an export, in one error."""

from .faults import ExportError


class Obstacles:
    """`note`: a sentence for the end of each message."""

    def __init__(self, note=""):
        self._found, self._note = {}, note

    def add(self, text):
        """`text` begins with the module's path and type."""
        self._found.setdefault(text)

    def __len__(self):
        return len(self._found)

    def raise_all(self):
        if len(self._found) == 1:
            raise ExportError(f"{next(iter(self._found))}{self._note}")
        if self._found:
            lines = "".join(f"\n  {each}" for each in self._found)
            raise ExportError(f"{len(self._found)} obstacles, so nothing was written:{lines}{self._note}")
