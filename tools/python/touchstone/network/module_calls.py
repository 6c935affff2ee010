"""How a trace takes the call of a module: as one call of the container that runs."""

import inspect
from contextlib import contextmanager

import torch
from torch import nn

from .emit import SEEN, Emitter
from .faults import ExportError
from .functions import Unsupported
from .leaves import DIMENSIONS, leaf_type
from .memory import alias
from .ops.op import refused_dimensions
from .recorder import Recorder, Value
from .structure import map_tensors, tensors_in


class ModuleCalls:
    """A part of `Trace`."""

    def call(self, original, module, args, kwargs):
        if self._paused or self._is_slice(module):
            return original(module, *args, **kwargs)
        with torch._C.DisableTorchFunction():
            tensors = list(tensors_in((args, kwargs)))
            registered = module in self.paths and self.recorder.has(module)
            if not registered:
                self.obstacles.add(
                    f"{self.where}: calls {type(module).__name__}, which is not registered below it; "
                    "every module called must be registered below its caller"
                )
            if not registered or not self.examine(module):
                return self._opaque_call(original, module, args, kwargs)
            if leaf_type(module, tensors[0] if tensors else None):
                return self._leaf(original, module, args, kwargs, tensors)
        self._within.append(module)
        try:
            if module in self.inlined or not any(map(self.is_traced, tensors)):
                return original(module, *args, **kwargs)
            return self._container(original, module, args, kwargs)
        except Exception:
            self.failed_at = self.failed_at if self._failed else self.where
            self._failed = True
            raise
        finally:
            self._within.pop()

    def _is_slice(self, module):
        """Whether it is a Sequential of registered modules, such as `self.features[:6]`, made by forward itself."""
        return (
            type(module) is nn.Sequential
            and module not in self.paths
            and len(module) > 0
            and all(child in self.paths and self.recorder.has(child) for child in module)
        )

    def _opaque_call(self, original, module, args, kwargs):
        self._paused = True
        try:
            result = original(module, *args, **kwargs)
        finally:
            self._paused = False
        return self._registered_opaque(result, type(module).__name__)

    def _leaf(self, original, module, args, kwargs, tensors):
        path = self.paths[module]
        if path not in self.leaves:
            self.leaves[path] = module
            self._attempt(lambda: self._check_leaf(path, module))
        try:
            if len(tensors) != 1:
                raise Unsupported(f"it is called with {len(tensors)} tensors")
            (given,) = tensors
            inplace = getattr(module, "inplace", False) and isinstance(module, nn.ReLU | nn.ReLU6)
            known = self.memory.get(given)
            if inplace and known and known.copied:
                given = Emitter(self).copy(given)
                self.recorder.name_steps(len(self.recorder.calls) - 1, "clone", [self.memory.get(given).value])
            value, given = (self.value_of(given), given) if self.is_traced(given) else self.constant(given)
            if refusal := refused_dimensions(DIMENSIONS.get(leaf_type(module)), given):
                raise Unsupported(refusal)
        except Unsupported as error:
            self.obstacles.add(f"{describe(path, module)}: {error}")
            return self._opaque_call(original, module, args, kwargs)
        args, kwargs = map_tensors((args, kwargs), lambda _: given)
        result = original(module, *args, **kwargs)
        (output,) = self.recorder.add_module(path, module, [value], [Value(tuple(result.shape))])
        known = self.memory.get(given)
        if result is not given:
            self.memory.add(result, output, self.recorder)
            return result
        if inplace and known:
            self.memory.changed_by_format(known, f"an in-place ReLU: {SEEN}")
        result = alias(result)
        label, copied = (known.label, known.copied) if known else (None, False)
        self.memory.add(result, output, self.recorder, label, copied=copied)
        return result

    def _attempt(self, check):
        try:
            check()
        except ExportError as error:
            self.obstacles.add(str(error))

    def _container(self, original, module, args, kwargs):
        path = self.paths[module]
        recorder, values, entered = Recorder(module, path), [], {}

        def enter(name):
            def take(tensor):
                if id(tensor) in entered or not self.is_traced(tensor):
                    return entered.get(id(tensor), tensor)
                known = self.memory.get(tensor)
                try:
                    values.append(self.value_of(tensor))
                except Unsupported as error:
                    self.obstacles.add(f"{describe(path, module)}: {error}")
                    return tensor.clone()
                inside = entered[id(tensor)] = alias(tensor)
                label, copied = (known.label, known.copied) if known else (None, False)
                self.memory.add(inside, recorder.add_input(name, tensor.shape), recorder, label, copied=copied)
                return inside

            return take

        with torch._C.DisableTorchFunction():
            bound = inspect.signature(type(module).forward).bind(module, *args, **kwargs)
            owner = next(iter(bound.arguments))
            for name, value in bound.arguments.items():
                if name != owner:
                    bound.arguments[name] = map_tensors(value, enter(name))
        self._stack.append(recorder)
        try:
            result = original(module, *bound.args[1:], **bound.kwargs)
            with torch._C.DisableTorchFunction():
                inside, order = self._outputs(result)
        finally:
            self._stack.pop()
        with torch._C.DisableTorchFunction():
            return self._returned(module, recorder, values, result, inside, order)

    def _outputs(self, result):
        """id → what is known of each traced tensor of `result`; the values, each once."""
        inside, order = {}, []
        for tensor in tensors_in(result):
            if self.is_traced(tensor):
                try:
                    value = self.value_of(tensor)
                except Unsupported as error:
                    self.refuse("what it returns", str(error))
                    continue
                inside[id(tensor)] = (value, self.memory.get(tensor))
                if value not in order:
                    order.append(value)
        return inside, order

    def _returned(self, module, recorder, values, result, inside, order):
        if not order:
            return result
        outer = self.recorder.add_module(self.paths[module], module, values, order)
        recorder.outputs = order
        outer[0].call.outputs = order
        self.runs.setdefault(recorder.path, []).append((recorder, outer[0].call))

        def leave(tensor):
            if id(tensor) not in inside:
                return tensor
            value, known = inside[id(tensor)]
            new = alias(tensor)
            label, copied = (known.label, known.copied) if known else (None, False)
            self.memory.add(new, outer[order.index(value)], self.recorder, label, copied=copied)
            return new

        return map_tensors(result, leave)


def describe(path, module):
    return f"{path or 'the network'} ({type(module).__name__})"


@contextmanager
def intercepted(trace):
    """Calls of modules go to `trace` first."""
    original = nn.Module.__call__

    def call(module, *args, **kwargs):
        return trace.call(original, module, args, kwargs)

    nn.Module.__call__ = call
    try:
        yield
    finally:
        nn.Module.__call__ = original
