"""Functions and tensor methods between modules: how each is computed by steps of `network.json`."""

import difflib
import types

from . import activations, arithmetic, einsum, indexing, normalisation, reductions, shape, windows
from .registry import Unsupported

__all__ = ["RANDOM", "Unsupported", "body_of", "display_of", "handler_of", "hint_of", "is_value_read", "name_of"]

_HANDLERS = {
    **activations.HANDLERS,
    **arithmetic.HANDLERS,
    **reductions.HANDLERS,
    **normalisation.HANDLERS,
    **windows.HANDLERS,
    **shape.HANDLERS,
    **indexing.HANDLERS,
    **einsum.HANDLERS,
}
"""By the name that `add`, `__add__`, `Tensor.add` and `torch.add` have in common."""

RANDOM = {
    *("rand", "randn", "randint", "randperm", "rand_like", "randn_like", "randint_like", "normal", "bernoulli"),
    *("multinomial", "bernoulli_", "normal_", "uniform_", "exponential_", "random_", "dropout", "poisson"),
}
"""Functions whose constants are others each time."""

_VALUE_READS = {
    *("__bool__", "__int__", "__float__", "__index__", "__complex__", "__contains__", "__array__"),
    *("item", "tolist", "numpy", "equal", "allclose", "is_nonzero"),
}
_NO_GRADIENT = "the gradient ends at it, which the format cannot say; remove it"
_HINTS = {
    **dict.fromkeys(("data", "detach", "detach_"), _NO_GRADIENT),
    "register_hook": "it sets a hook on a tensor (register_hook), which can change the gradient",
    **dict.fromkeys(("var", "std", "var_mean", "std_mean"), "use layer_norm or (x - x.mean(dim)).pow(2).mean(dim)"),
    **dict.fromkeys(("conv3d", "max_pool3d", "avg_pool3d"), "only one and two dimensions are supported"),
    **dict.fromkeys(("topk", "sort", "argsort"), "it has no gradient, or depends on values"),
}


def handler_of(name):
    """None for an unknown function. `add_`: that of `add`, in place."""
    found = _HANDLERS.get(name) or _HANDLERS.get(name.strip("_"))
    if name.startswith("__i") and name.strip("_")[1:] in _HANDLERS:
        found, name = _HANDLERS[name.strip("_")[1:]], "in_place_"
    if found is None or name in _HANDLERS or not name.endswith("_") or name.endswith("__"):
        return found

    def in_place(e, input, *args, **kwargs):
        return e.in_place(input, found(e, input, *args, **kwargs))

    return in_place


def is_value_read(name):
    return name in _VALUE_READS


def name_of(function):
    """`permute`, also of the methods and properties of a tensor."""
    name = getattr(function, "__name__", str(function))
    if name in ("__get__", "__set__"):
        inner = function.__self__.__name__
        return inner if name == "__get__" else f"set {inner}"
    return name


def display_of(function):
    """The function's name in messages: `torch.nn.functional.pad`, `.permute()`, `.data`."""
    name = name_of(function)
    if getattr(function, "__name__", "") == "__get__":
        return f".{name}"
    qualified = getattr(function, "__qualname__", "")
    if qualified.startswith(("Tensor.", "TensorBase.")):
        return f"operator.{name.strip('_')}" if name.startswith("__") else f".{name}()"
    module = getattr(function, "__module__", None) or "torch"
    module = "torch.nn.functional" if module in ("torch._C._nn",) else module
    return f"{module.lstrip('_')}.{name}"


def hint_of(name):
    base = name.strip("_")
    near = difflib.get_close_matches(base, _HANDLERS, 3, 0.75)
    known = f"it is not known; the nearest that are supported: {', '.join(near)}" if near else "it is not known"
    return _HINTS.get(base, known)


def body_of(function):
    """A function of torch.nn.functional that is written in Python, so that what it calls is seen; None for others."""
    if not isinstance(function, types.FunctionType):
        return None
    if function.__module__ not in ("torch.nn.functional", "torch.functional"):
        return None
    checks = ("has_torch_function", "has_torch_function_unary", "has_torch_function_variadic")
    names = {**function.__globals__, **dict.fromkeys(checks, lambda *_: False)}
    body = types.FunctionType(function.__code__, names, function.__name__, function.__defaults__, function.__closure__)
    body.__kwdefaults__ = function.__kwdefaults__
    return body
