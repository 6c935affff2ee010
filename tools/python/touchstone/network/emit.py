"""Writes one function as steps of `network.json`, and computes them."""

import torch

from .faults import NetworkError
from .functions.registry import Unsupported
from .memory import alias
from .operations import MOST_DIMENSIONS, OPS, check_attributes
from .ops import TABLE
from .ops.op import refused_dimensions

SEEN = "an operation in place changes a tensor that a later step can still see; write it out of place (a = a + b)"


class Emitter:
    """`e("mul", x, 2)` is x·2, as a new step; operands are tensors or numbers."""

    def __init__(self, trace):
        self._trace = trace

    def __call__(self, op, *operands, **attributes):
        trace = self._trace
        values, tensors = zip(*(self._operand(each) for each in operands), strict=True)
        try:
            check_attributes(OPS[op], attributes, op)
        except NetworkError as error:
            raise Unsupported(str(error)) from None
        if refusal := refused_dimensions(TABLE[op].dimensions, tensors[0]):
            raise Unsupported(refusal)
        result = TABLE[op].run(list(tensors), attributes)
        if result.dtype != torch.float32:
            raise Unsupported(f"its result is {result.dtype}; only float32 is supported")
        if result.dim() > MOST_DIMENSIONS or not result.numel():
            most = f"only sizes above 0 and at most {MOST_DIMENSIONS} dimensions are supported"
            raise Unsupported(f"its result is {[*result.shape]}; {most}")
        value = trace.recorder.add_call({"op": op, "attributes": attributes}, list(values), result.shape)
        known = trace.memory.get(tensors[0])
        if not any(result is tensor for tensor in tensors):
            view = (tensors[0], op, attributes) if op in ("slice", "select") else None
            trace.memory.add(result, value, trace.recorder, view=view)
            return result
        handed_on = op == "dropout" or attributes.get("inplace", False)
        if known and attributes.get("inplace", False):
            trace.memory.changed_by_format(known, f"an in-place ReLU: {SEEN}")
        result = alias(result)
        trace.memory.add(result, value, trace.recorder, known.label if known and handed_on else None)
        return result

    def _operand(self, operand):
        """(value, tensor). An operand that is not traced is a weight, a constant or a number."""
        trace = self._trace
        if not isinstance(operand, torch.Tensor):
            return trace.number(operand), torch.tensor(float(operand))
        return (trace.value_of(operand), operand) if trace.is_traced(operand) else trace.constant(operand)

    def is_traced(self, tensor):
        return self._trace.is_traced(tensor)

    def copy(self, tensor):
        """By a step of its own."""
        return self("mul", tensor, 1)

    def expand(self, input, sizes):
        """`input` may be a number."""
        own = [*input.shape] if isinstance(input, torch.Tensor) else []
        own = [*[None] * (len(sizes) - len(own)), *own]
        return self("expand", input, shape=[-1 if size == had else size for size, had in zip(sizes, own, strict=True)])

    def has_own_memory(self, tensor):
        """Whether no step of the format, only PyTorch, made a copy of its value."""
        known = self._trace.memory.get(tensor)
        return known is None or not known.copied

    def handed_on(self, tensor, result):
        """`result` is `tensor`, or a copy of it: the same value."""
        trace = self._trace
        known = trace.memory.get(tensor)
        if known is None and result is tensor:
            return tensor
        value = trace.value_of(tensor)
        if result is tensor:
            result = alias(tensor)
            trace.memory.add(result, value, trace.recorder, known.label, copied=known.copied, view=known.view)
        else:
            trace.memory.add(result, value, trace.recorder, copied=True)
        return result

    def opaque(self, tensor, reason):
        """A tensor that may exist, but not be used."""
        value = self._trace.recorder.add_call({"op": "opaque"}, [], tensor.shape)
        self._trace.memory.add(tensor, value, self._trace.recorder, opaque=reason)
        return tensor

    def adopt(self, constant):
        """From now on, its value is that of a call."""
        if not self.is_traced(constant):
            trace = self._trace
            if constant.dtype != torch.float32:
                raise Unsupported(f"a constant is {constant.dtype}; only float32 is supported")
            trace.memory.add(constant, trace.value_of(constant), trace.recorder)

    def in_place(self, target, result, inplace=True):
        """`result`, or where `inplace` what `target` is after it was changed to it."""
        return self._change(target, result) if inplace else result

    def _change(self, target, result):
        trace, known = self._trace, self._trace.memory.get(target)
        if trace.is_weight_memory(target):
            raise Unsupported("it changes a weight in place")
        if known is None:
            raise Unsupported("a value that depends on the input is written into a constant; use torch.cat")
        if not isinstance(result, torch.Tensor) or result.shape != target.shape:
            if isinstance(result, torch.Tensor) and torch.broadcast_shapes(result.shape, target.shape) != target.shape:
                raise Unsupported("it changes the shape of a tensor in place; write it out of place")
            result = self.expand(result, target.shape)
        if not self.is_traced(result):
            result = self("mul", result, 1)
        target.copy_(result)
        label = trace.memory.changed(target, trace.value_of(result), trace.recorder, SEEN)
        new = alias(target)
        trace.memory.add(new, trace.value_of(result), trace.recorder, label, view=known.view)
        piece, kept, view = new, [new], known.view
        while view:
            base, op, attributes = view
            piece = self._put_into(base, op, attributes, piece)
            trace.memory.changed(base, trace.value_of(piece), trace.recorder, SEEN, kept)
            kept.append(base)
            view = trace.memory.get(base).view
        return new

    def _put_into(self, base, op, attributes, piece):
        """`base` with `piece` where its slice was."""
        known, dim = self._trace.memory.get(base), attributes["dim"]
        start, end, step = (attributes.get(name, 1) for name in ("start", "end", "step"))
        if op == "select":
            start, end = attributes["index"], attributes["index"] + 1
            piece = self("reshape", piece, shape=[*piece.shape[:dim], 1, *piece.shape[dim:]])
        if step != 1:
            raise Unsupported("it changes every other value of a tensor in place")
        stale, known.stale = known.stale, ""
        pieces = [piece]
        if start:
            pieces.insert(0, self("slice", base, dim=dim, start=0, end=start, step=1))
        if end < base.shape[dim]:
            pieces.append(self("slice", base, dim=dim, start=end, end=base.shape[dim], step=1))
        known.stale = stale
        return self("cat", *pieces, dim=dim) if len(pieces) > 1 else piece
