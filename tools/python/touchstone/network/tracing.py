"""One run of a network on real tensors, recorded container by container.

Every torch function that reads a traced tensor, a parameter or a buffer is written as steps of `network.json`; what is
computed from constants alone is just computed. Sizes are numbers, so code that depends on them runs as it is.
"""

import inspect

import torch
from torch.overrides import TorchFunctionMode

from .emit import Emitter
from .faults import ExportError
from .functions import RANDOM, Unsupported, body_of, display_of, handler_of, hint_of, is_value_read, name_of
from .memory import Memory, alias, storage_of
from .module_calls import ModuleCalls, describe, intercepted
from .oddities import refuse_oddities
from .recorder import Recorder
from .structure import map_tensors, tensors_in

_RANDOM = "its values are random; keep them in a buffer"


class Trace(ModuleCalls, TorchFunctionMode):
    """`runs`: path → the recorders of the calls of a container; `leaves`: paths of the leaves that were called.

    `inlined`: modules whose calls are written into their caller, because several of their outputs are used; more may
    be found when it is finished. `check(name, tensor)` and `check_leaf(path, module)` raise ExportError for weights
    that cannot be written. `failed_at`: the innermost module of an exception.
    """

    def __init__(self, root, inlined, obstacles, check, check_leaf):
        super().__init__()
        self.root, self.inlined, self.obstacles = root, inlined, obstacles
        self.paths = {each: path for path, each in root.named_modules()}
        self.memory, self.runs, self.leaves, self.weights = Memory(), {}, {}, set()
        self.names = _names_of_tensors(root)
        held = [*root.parameters(), *root.buffers()]
        self._weight_memory = {storage_of(each) for each in held if each.layout == torch.strided and each.numel()}
        self._buffers = {id(tensor): name.rpartition(".")[2] for name, tensor in root.named_buffers()}
        self._check, self._check_leaf = check, check_leaf
        self.failed_at = describe("", root)
        self._stack, self._within, self._examined, self._paused, self._failed = [], [], {}, False, False

    # ── running ──

    def run(self, root, x, arguments):
        """`arguments(trace, x)`: what the root is called with, made of the network's one input. What it returns."""
        recorder = Recorder(root, "")
        self.runs[""] = [(recorder, None)]
        self._stack.append(recorder)
        self._within.append(root)
        self.examine(root)
        given = alias(x)
        self.memory.add(given, recorder.add_input(_first_parameter(root), x.shape), recorder)
        with intercepted(self):
            args = arguments(Emitter(self), given)
            recorder.name_steps(0, "given", [])
            with self:
                return root.forward(*args)

    @property
    def recorder(self):
        return self._stack[-1]

    @property
    def where(self):
        return describe(self.paths[self._within[-1]], self._within[-1])

    def refuse(self, display, reason):
        self.obstacles.add(f"{self.where}: {display} is not supported here: {reason}")

    def examine(self, module):
        """Whether nothing about the module hides what it does; otherwise it is an obstacle."""
        if module not in self._examined:
            try:
                refuse_oddities(module, self.paths[module])
                self._examined[module] = True
            except ExportError as error:
                self.obstacles.add(str(error))
                self._examined[module] = False
        return self._examined[module]

    # ── functions ──

    def __torch_function__(self, function, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        name = name_of(function)
        if not any(self.is_traced(tensor) for tensor in tensors_in((args, kwargs))):
            if name in RANDOM:
                self.refuse(display_of(function), _RANDOM)
            return function(*args, **kwargs)
        if torch.is_autocast_enabled("cpu"):
            self.obstacles.add(f"{self.where}: it runs under torch.autocast; remove that to export it")
        start = len(self.recorder.calls)
        try:
            result = self._written(function, name, args, kwargs)
        except Unsupported as error:
            self.refuse(display_of(function), str(error))
            result = self._opaque(function, args, kwargs)
        values = [known.value for tensor in tensors_in(result) if (known := self.memory.get(tensor))]
        self.recorder.name_steps(start, _step_name(function), values, display_of(function), self.where)
        return result

    def _written(self, function, name, args, kwargs):
        handler = handler_of(name)
        if name in RANDOM and handler is None:
            raise Unsupported(_RANDOM)
        if isinstance(kwargs.get("out"), torch.Tensor):
            raise Unsupported("it writes its result into another tensor (out=); use what it returns")
        if handler is not None:
            return handler(Emitter(self), *args, **kwargs)
        if is_value_read(name):
            raise Unsupported("branches and loops must not depend on values")
        if name == "register_hook":
            raise Unsupported(hint_of(name))
        body = body_of(function)
        if body is not None:
            with self:
                return body(*args, **kwargs)
        result = function(*args, **kwargs)
        if next(tensors_in(result), None) is None:
            return result
        reason = hint_of(name)
        self.refuse(display_of(function), reason)
        return self._registered_opaque(result, display_of(function))

    def _opaque(self, function, args, kwargs):
        if name_of(function) == "register_hook":
            return object()
        return self._registered_opaque(function(*args, **kwargs), display_of(function))

    def _registered_opaque(self, result, what):
        def register(tensor):
            value = self.recorder.add_call({"op": what}, [], tensor.shape)
            new = alias(tensor)
            self.memory.add(new, value, self.recorder)
            return new

        return map_tensors(result, register)

    # ── values ──

    def is_traced(self, tensor):
        return self.memory.get(tensor) is not None or id(tensor) in self.names

    def is_weight_memory(self, tensor):
        return storage_of(tensor) in self._weight_memory

    def value_of(self, tensor):
        """Of a traced tensor, a weight or a constant, in the container that runs. Raises Unsupported."""
        known = self.memory.get(tensor)
        if known is None:
            return self._weight(tensor) if id(tensor) in self.names else self.constant(tensor)[0]
        if known.stale:
            raise Unsupported(known.stale)
        if known.opaque:
            raise Unsupported(known.opaque)
        if known.recorder is not self.recorder:
            raise Unsupported("a tensor of another module is used that is neither an input nor an output; return it")
        return known.value

    def _weight(self, tensor):
        name = self.names[id(tensor)]
        if name not in self.weights:
            self.weights.add(name)
            self._attempt(lambda: self._check(name, tensor))
        return self.recorder.add_source(("weight", name), {"weight": name}, tensor.shape, name.rpartition(".")[2])

    def constant(self, tensor):
        """(value, the float32 tensor that is written). Raises Unsupported."""
        if tensor.dim() == 0:
            return self.number(tensor.item()), tensor.float()
        if tensor.dtype in (torch.float64, torch.complex64, torch.complex128) or tensor.layout != torch.strided:
            raise Unsupported(f"a constant is {tensor.dtype}, {tensor.layout}; only float32 is supported")
        recorder = self.recorder
        if (id(tensor), "constant") not in recorder.held:
            written = tensor.float()
            if written.isnan().any() or (written == float("inf")).any():
                raise Unsupported("a constant holds NaN or infinity")
            # −∞ in a mask: float32's lowest value is the same after softmax
            written = written.clamp(min=torch.finfo(torch.float32).min).contiguous()
            name = recorder.add_constant(written, self._buffers.get(id(tensor)))
            recorder.held[id(tensor), "constant"] = (tensor, name, written)
        _, name, written = recorder.held[id(tensor), "constant"]
        full = f"{recorder.path}.{name}" if recorder.path else name
        return recorder.add_source(("constant", name), {"weight": full}, tensor.shape, name), written

    def number(self, number):
        number = float(number) if isinstance(number, float) else int(number)
        return self.recorder.add_source(("number", number), {"number": number}, (), "number")


def _names_of_tensors(root):
    """id → state_dict name of the parameters, and of the buffers of floats that are part of the state_dict."""
    names = {id(tensor): name for name, tensor in root.named_parameters()}
    for path, module in root.named_modules():
        for name, tensor in module.named_buffers(recurse=False):
            if tensor.is_floating_point() and name not in module._non_persistent_buffers_set:
                names.setdefault(id(tensor), f"{path}.{name}" if path else name)
    return names


def _first_parameter(module):
    _, *names = inspect.signature(type(module).forward).parameters
    return names[0] if names else "input"


def _step_name(function):
    name = getattr(function, "__name__", "function")
    if name == "__get__":
        name = function.__self__.__name__
    in_place = name.endswith("_") and not name.endswith("__")
    return "iadd" if name == "add_" else name.strip("_") + ("_" if in_place else "")
