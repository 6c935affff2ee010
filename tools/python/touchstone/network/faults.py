"""The errors of exporting and loading a network."""


class ExportError(ValueError):
    """The module cannot be written as a network. The message begins with the module's path."""


class NetworkError(ValueError):
    """A folder does not hold a valid network."""
