"""What one pass may run and hold for one image: the limits of `packages/network/src/modules/bounds.ts`, so that what is
exported can be loaded.
"""

from math import prod

from .faults import ExportError

MAX_CALLS = 100_000
MAX_INPUT = 2**26
MAX_WORK = 1e13


class Bounds:
    """Counts the steps of a pass on `x` [N,C,H,W]. Raises ExportError, naming the module, for one that is too much."""

    def __init__(self, x):
        self._images = len(x)
        values = x.numel() // self._images
        if values > MAX_INPUT:
            raise ExportError(f"example_input has {values} values per image; at most {MAX_INPUT} are allowed")
        self._per_tensor, self._per_pass = max(2**24, 1024 * values), max(2**28, 16_384 * values)
        self._calls, self._values, self._work = 0, 0, 0.0

    def call(self, where):
        self._calls += 1
        if self._calls > MAX_CALLS:
            raise ExportError(f"{where}: is where a pass exceeds {MAX_CALLS} calls; call shared containers less often")

    def step(self, where, attributes, tensors, result):
        """`tensors`: the inputs of the step, then its weights."""
        x = tensors[0]
        kernel, padding = attributes.get("kernelSize", (1, 1)), attributes.get("padding", ())
        padded = prod(size + 2 * more for size, more in zip(x.shape[2:], padding)) if "kernelSize" in attributes else 0
        values = max(result.numel(), padded * x.shape[0] * x.shape[1] if padded else 0) // self._images
        fan_in = attributes.get("inChannels", 1) / attributes.get("groups", 1) * attributes.get("inFeatures", 1)
        if not {"kernelSize", "inFeatures"} & attributes.keys() and len(tensors) > 1 and tensors[1].dim() > 1:
            weight = tensors[1]
            fan_in = prod(weight.shape[1:]) if "stride" in attributes else weight.shape[-1]
        self._values += values
        self._work += result.numel() // self._images * prod(kernel) * fan_in
        for found, most, what in (
            (values, self._per_tensor, "a tensor exceeds {} values"),
            (self._values, self._per_pass, "a pass exceeds {} values"),
            (self._work, MAX_WORK, "a pass exceeds {:.0e} multiplications"),
        ):
            if found > most:
                raise ExportError(f"{where}: is where {what.format(most)} of one image; check its sizes and padding")
