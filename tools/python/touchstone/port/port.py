"""What a port is: a name, and a decorated function per method."""

import os

from .streams import take_over

_LAYOUTS, _DTYPES, _ARRAYS = ("NCHW", "NHWC"), ("float32", "float64"), ("torch", "numpy")


class Unsupported(Exception):
    """Raise it for a job that the port cannot do: the case is skipped, not failed."""


class Port:
    """A port under test.

    `arrays`: what a job's tensors are, `"torch"` or `"numpy"`. `layout` and `dtype`: of the images that it is given;
    in the same layout it returns every stage with 4 dimensions. `language` is shown in results.
    """

    def __init__(self, name, version, *, arrays="torch", layout="NCHW", dtype="float32", language="Python"):
        for value, field in ((name, "name"), (version, "version"), (language, "language")):
            if not isinstance(value, str) or not 1 <= len(value) <= 100:
                raise ValueError(f"Port: {field} must be a string of 1 to 100 characters, found {value!r}")
        for value, field, choices in (
            (arrays, "arrays", _ARRAYS),
            (layout, "layout", _LAYOUTS),
            (dtype, "dtype", _DTYPES),
        ):
            if value not in choices:
                raise ValueError(f"Port: {field} must be {' or '.join(choices)}, found {value!r}")
        self.name, self.version, self.language = name, version, language
        self.arrays, self.layout, self.dtype = arrays, layout, dtype
        self.methods = {}
        if "TOUCHSTONE_PARENT" in os.environ:  # started by Touchstone: what is printed from here on is no reply
            take_over()

    def method(self, method_id):
        """Declares the decorated function, `job → attribution` or `job → {stage: values}`, as the method's."""
        if not isinstance(method_id, str) or not 1 <= len(method_id) <= 100:
            raise TypeError('write @port.method("saliency"), with the id of a method')

        def declare(function):
            if method_id in self.methods:
                raise ValueError(f"the method {method_id!r} is declared twice")
            self.methods[method_id] = function
            return function

        return declare

    def answer(self, job):
        """Stage → NumPy array. Raises Unsupported, TypeError where the answer is none, or what the function raises."""
        if job.method not in self.methods:
            raise Unsupported(f"no method {job.method!r}")
        answer = self.methods[job.method](job)
        stages = answer if isinstance(answer, dict) else {"attribution": answer}
        if answer is None or stages.get("attribution") is None:
            raise TypeError(f"{job.method} returned no attribution; return an array, or a dictionary with it")
        return {str(stage): as_array(values, stage) for stage, values in stages.items() if values is not None}

    def as_networks(self):
        """The networks of this port's jobs, by their folders; the last few are kept."""
        from .job import Networks

        return Networks(self)


def as_array(values, stage):
    """A copy of a tensor or an array in row-major memory, float32 or float64."""
    import numpy as np

    if hasattr(values, "detach"):
        values = values.detach().cpu()
        values = values.float().numpy() if values.dtype.itemsize < 4 else values.numpy()
    array = np.array(values)
    if array.dtype.kind not in "fiub":
        raise TypeError(f"stage {stage!r} is {array.dtype}; return a tensor or an array of numbers")
    keeps = array.dtype in (np.float32, np.float64)
    wanted = array.dtype if keeps else np.float32 if array.dtype == np.float16 else np.float64
    return np.ascontiguousarray(array, wanted).reshape(array.shape)
