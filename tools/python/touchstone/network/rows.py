"""A module tree as the rows of `network.json`."""

import torch

from .batch import live, merged_calls, one_image, row_of
from .canonical import unchanged
from .faults import ExportError
from .functions import Unsupported
from .leaves import leaf_row, leaf_type
from .liveness import settle
from .obstacles import Obstacles
from .recorder import Value
from .tracing import Trace, describe

WEIGHTS = ("weight", "bias", "running_mean", "running_var")
"""The tensors that leaves have; others of a subclass are not used by its forward, which is PyTorch's own."""

_IMAGES = (2, 3)


class Rows:
    """`modules`: the rows of `network.json`, in the order of `named_modules`; `heads`: the names of several outputs, or
    None; `constants`: name → tensor that is no parameter or buffer; `left_out`: what forward never uses and no row can
    hold, as "path (type)".

    Raises ExportError, naming each module and operation, for what forward uses and no row can hold.
    """

    def __init__(self, root, given, heads=None):
        self.heads, self._asked = None, heads and list(heads)
        self._root, self._given = root, given
        self._path = {each: path for path, each in root.named_modules()}
        self.constants, self.left_out, self._rows = {}, [], {}
        self._obstacles = Obstacles(given.note)
        first, second = (self._trace(images) for images in _IMAGES)
        for path, runs in first.runs.items():
            self._container(path, runs, second.runs[path])
        for path, module in first.leaves.items():
            self._leaf(path, module)
        self._obstacles.raise_all()
        self._own_weights(first.weights)
        self._add_unused(root)
        self._obstacles.raise_all()
        self.modules = self._ordered()

    def _trace(self, images):
        """Until it is known of which modules several outputs are used."""
        inlined = set()
        while True:
            trace = Trace(self._root, inlined, self._obstacles, self._check, self._check_leaf)
            x = self._given.of_images(images)
            try:
                with unchanged(self._root):
                    returned = trace.run(self._root, x, self._given.steps)
            except Exception as error:  # the module's own code may raise anything
                self._obstacles.raise_all()
                self._run_alone()
                reason = str(error).strip().split("\n")[0]
                raise ExportError(
                    f"{trace.failed_at}: its forward cannot be traced with {images} images: {reason}"
                ) from error
            with torch._C.DisableTorchFunction():
                output = self._output(trace, returned)
            self._obstacles.raise_all()
            trace.runs[""][0][0].outputs = [output]
            more = settle(trace.runs, output) - inlined
            if not more:
                return trace
            inlined |= more

    def _run_alone(self):
        """Raises ExportError where the network itself does not run on the example."""
        try:
            self._root(*self._given.apart(self._given.x))
        except Exception as error:
            reason = str(error).strip().split("\n")[0]
            text = f"the network does not run on example_input: {type(error).__name__}: {reason}{self._given.note}"
            raise ExportError(text) from error

    def _output(self, trace, returned):
        """The value that the network returns, of several side by side."""
        where = f"the network ({type(self._root).__name__})"
        try:
            tensors = outputs_in(returned)
            self.heads = _names(returned, len(tensors), self._asked)
            values = [trace.value_of(each) for each in tensors]
        except Unsupported as error:
            self._obstacles.add(f"{where}: what it returns: {error}")
            return Value(())
        if len(values) == 1:
            return values[0]
        row = {"op": "cat", "attributes": {"dim": 1}}
        return trace.recorder.add_call(row, values, (), name=trace.recorder.new_name("output"))

    # ── rows ──

    def _container(self, path, runs, again):
        recorder, call = runs[0]
        where = describe(path, recorder.module)
        index = 0 if call is None else min(set().union(*(call.used for _, call in runs)))
        forms = [_form(each, index) for each, _ in runs]
        for form in forms[1:]:
            if form != forms[0]:
                self._obstacles.add(f"{where}: is called in two ways: {_difference(forms[0], form)}")
        if any(not _same_constants(recorder, each) for each, _ in runs[1:]):
            self._obstacles.add(f"{where}: is called in two ways, with different constants")
        try:
            calls = merged_calls((recorder, _IMAGES[0]), (again[0][0], _IMAGES[1]))
        except Unsupported as error:
            reason, at = error.args
            self._obstacles.add(f"{at.where}: {at.function}: {reason}" if at and at.where else f"{where}: {reason}")
            return
        for name, tensor in recorder.constants.items():
            other = again[0][0].constants[name]
            tensor, other = one_image(tensor, other), one_image(other, tensor)
            if not torch.equal(tensor, other):
                self._obstacles.add(
                    f"{where}: a constant depends on the batch, or was computed from the input by something that "
                    "cannot be seen, such as NumPy or .data"
                )
            self.constants[f"{path}.{name}" if path else name] = tensor
        inputs = [each.name for each in recorder.inputs]
        kind = type(recorder.module).__name__
        self._rows[path] = {"type": kind, "inputs": inputs, "calls": calls, "output": recorder.outputs[index].name}

    def _leaf(self, path, module):
        self._left_out_of_leaf(path, module)
        self._rows[path] = leaf_row(leaf_type(module), module)

    def _left_out_of_leaf(self, path, module):
        own = [*module._parameters, *module._buffers]
        self.left_out += [f"{path}.{name}" for name in own if name not in (*WEIGHTS, "num_batches_tracked")]

    def _check_leaf(self, path, module):
        for name in WEIGHTS:
            tensor = getattr(module, name, None)
            if not isinstance(tensor, torch.Tensor):
                continue
            if name not in {**module._parameters, **module._buffers}:
                raise ExportError(f"{path}.{name}: is a tensor, not a parameter; wrap it in nn.Parameter")
            self._check(f"{path}.{name}", tensor)

    def _check(self, name, tensor):
        if tensor.dtype != torch.float32 or tensor.device.type != "cpu":
            raise ExportError(f"{name}: is {tensor.dtype} on {tensor.device}; only float32 on the CPU is supported")
        if tensor.layout != torch.strided or tensor.is_inference():
            kind = "sparse" if tensor.layout != torch.strided else "made under torch.inference_mode()"
            raise ExportError(f"{name}: is {kind}; give a copy that is not")
        if not bool(tensor.isfinite().all()):
            count = int((~tensor.isfinite()).sum())
            raise ExportError(f"{name}: {count} of {tensor.numel()} values are NaN or infinite; correct them")

    def _own_weights(self, used):
        """`weights` of containers; a row for a module that only holds some."""
        for name in [*used, *self.constants]:
            path = name.rpartition(".")[0]
            module = self._root.get_submodule(path)
            path = self._path[module]
            if path not in self._rows and leaf_type(module):
                self._check_leaf(path, module)
                self._leaf(path, module)
            elif path not in self._rows:
                self._rows[path] = {"type": type(module).__name__, "inputs": ["input"], "calls": [], "output": "input"}
        for path, row in self._rows.items():
            if "calls" not in row:
                continue
            module, start = self._root.get_submodule(path), f"{path}." if path else ""
            own = {**module._parameters, **module._buffers}
            shapes = {name: list(own[name].shape) for name in own if start + name in used}
            constants = {name: each for name, each in self.constants.items() if name.rpartition(".")[0] == path}
            shapes |= {name.rpartition(".")[2]: list(each.shape) for name, each in constants.items()}
            if shapes:
                row["weights"] = shapes

    def _add_unused(self, module):
        """Rows for the parts that forward never calls, where every tensor of a part has a place in one."""
        path = self._path[module]
        if "calls" in self._rows.get(path, ()):
            own = [*module.named_parameters(recurse=False), *module.named_buffers(recurse=False)]
            held = {*self._rows[path].get("weights", ()), *module._non_persistent_buffers_set}
            unused = [name for name, tensor in own if name not in held and not _is_index(name, tensor)]
            self.left_out += [f"{path}.{name}" if path else name for name in unused]
        for part in module.children():
            inside = [each for each in part.modules() if self._path[each] not in self._rows]
            if len(inside) < len(list(part.modules())):
                self._add_unused(part)
                continue
            try:
                self._rows.update({self._path[each]: row for each in inside if (row := self._unused_row(each))})
            except ExportError:
                self.left_out.append(f"{self._path[part]} ({type(part).__name__})")

    def _unused_row(self, module):
        """Of a leaf; None for what holds no tensors. Raises ExportError for anything else."""
        path, kind = self._path[module], leaf_type(module)
        if kind:
            self._check_leaf(path, module)
            self._left_out_of_leaf(path, module)
            return leaf_row(kind, module)
        if any(True for _ in [*module.parameters(recurse=False), *module.buffers(recurse=False)]):
            raise ExportError(f"{describe(path, module)}: holds tensors of its own")
        return None

    def _ordered(self):
        ordered = {}
        for path, each in self._root.named_modules(remove_duplicate=False):
            first = self._path[each]
            if first in self._rows:
                ordered[path] = self._rows[first] if path == first else {"alias": first}
        return ordered


def outputs_in(returned):
    """The tensors of several outputs: entries that are None are left out."""
    if isinstance(returned, torch.Tensor):
        return [returned]
    if not isinstance(returned, dict | tuple | list):
        raise ExportError(
            f"the network returns {type(returned).__name__}; it must return a tensor, or several in a tuple, "
            "a list or a dictionary"
        )
    found = [each for each in (returned.values() if isinstance(returned, dict) else returned) if each is not None]
    for each in found:
        if not isinstance(each, torch.Tensor):
            raise ExportError(f"the network returns {type(each).__name__} among its outputs, which is not a tensor")
    if not found:
        raise ExportError(f"the network returns a {type(returned).__name__} without tensors")
    return found


def _names(returned, count, heads):
    """Of `count` outputs; None for one, which is the output itself."""
    if count == 1:
        if heads:
            where = "" if isinstance(returned, torch.Tensor) else f" in a {type(returned).__name__}"
            raise ExportError(f"heads: the network returns one tensor{where}, which has no heads")
        return None
    if isinstance(returned, dict):
        keys = [name for name, each in returned.items() if each is not None]
        if heads:
            raise ExportError(f"heads: the network returns a dictionary, whose keys {keys} are the names")
        return keys
    if len(heads or ()) != count:
        raise ExportError(
            f'heads: the network returns {count} tensors; name each, as in heads=["yaw", "pitch", "roll"]'
        )
    return heads


def _form(recorder, index):
    calls = [row_of(call) for call in live(recorder)]
    return [each.name for each in recorder.inputs], calls, recorder.outputs[index].name


def _difference(first, second):
    if first[0] != second[0]:
        return f"with inputs {first[0]} and {second[0]}"
    for a, b in zip(first[1], second[1], strict=False):
        if a != b:
            return f"{a} and {b}"
    return f"with {len(first[1])} and {len(second[1])} steps"


def _same_constants(one, other):
    return all(torch.equal(tensor, other.constants[name]) for name, tensor in one.constants.items())


def _is_index(name, tensor):
    """Buffers that only make indices and counts are constants of the attributes."""
    return name == "num_batches_tracked" or not tensor.is_floating_point()
