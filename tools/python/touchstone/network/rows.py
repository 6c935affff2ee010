"""A module tree as the rows of `network.json`."""

import torch
from torch import fx

from .aliasing import check_aliasing
from .faults import ExportError
from .functions import Unsupported, is_inplace_add, is_size, name_of, steps_of
from .leaves import leaf_row, leaf_type
from .oddities import refuse_oddities
from .operations import SUPPORTED
from .tracing import PLACE, Arguments, trace


WEIGHTS = ("weight", "bias", "running_mean", "running_var")
"""The tensors that leaves have; others of a subclass are not used by its forward, which is PyTorch's own."""


class Rows:
    """`modules`: the rows of `network.json`, in the order of `named_modules`; `heads`: the names of several outputs, or
    None; `left_out`: what forward never uses and no row can hold, as "path (type)".

    Raises ExportError, naming the module and the operation, for what forward uses and no row can hold.
    """

    def __init__(self, root, heads=None):
        self.heads = heads and list(heads)
        self._root = root
        self._path = {each: path for path, each in root.named_modules()}
        self._rows = {}
        self._shapes = {}
        self._returns_several = False
        self._inplace_adds = set()
        self.left_out = []
        self.modules = self._ordered()

    def _ordered(self):
        try:
            arguments = Arguments(self._root, (PLACE,), {})
        except TypeError as error:
            raise ExportError(f"the network must take one tensor: {error}") from None
        self._visit(self._root, arguments)
        if "calls" not in self._rows[""]:
            kind = type(self._root).__name__
            raise ExportError(f"the network ({kind}): is a single layer; put it into nn.Sequential")
        self._add_unused(self._root)
        if self.heads and not self._returns_several:
            raise ExportError("heads: the network returns one tensor, which has no heads")
        check_aliasing(self._rows, self._inplace_adds)
        ordered = {}
        for path, each in self._root.named_modules(remove_duplicate=False):
            first = self._path[each]
            if first in self._rows:
                ordered[path] = self._rows[first] if path == first else {"alias": first}
        return ordered

    def _add_unused(self, module):
        """Rows for the parts that forward never calls, where every tensor of a part has a place in one."""
        path = self._path[module]
        if "calls" in self._rows.get(path, ()):
            own = [*module.named_parameters(recurse=False), *module.named_buffers(recurse=False)]
            self.left_out += [f"{path}.{name}" if path else name for name, _ in own]
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
            self._check_tensors(path, module)
            return leaf_row(kind, module, path)
        if any(True for _ in [*module.parameters(recurse=False), *module.buffers(recurse=False)]):
            raise ExportError(f"{path} ({type(module).__name__}): holds tensors of its own")
        return None

    def _visit(self, module, arguments):
        path = self._path[module]
        if path in self._rows:
            if self._shapes.get(path) != arguments.shape:
                raise ExportError(
                    f"{path} ({type(module).__name__}): is called in two ways: "
                    f"{self._shapes[path]} and {arguments.shape}"
                )
            return
        refuse_oddities(module, path)
        self._shapes[path] = arguments.shape
        kind = leaf_type(module)
        if kind:
            self._check_tensors(path, module)
        self._rows[path] = (
            leaf_row(kind, module, path) if kind else self._container(path, module, trace(module, arguments, path))
        )

    def _check_tensors(self, path, module):
        own = [*module._parameters, *module._buffers]
        self.left_out += [f"{path}.{name}" for name in own if name not in (*WEIGHTS, "num_batches_tracked")]
        for name in WEIGHTS:
            tensor = getattr(module, name, None)
            if not isinstance(tensor, torch.Tensor):
                continue
            if name not in {**module._parameters, **module._buffers}:
                raise ExportError(f"{path}.{name}: is a tensor, not a parameter; wrap it in nn.Parameter")
            if tensor.dtype != torch.float32 or tensor.device.type != "cpu":
                raise ExportError(
                    f"{path}.{name}: is {tensor.dtype} on {tensor.device}; only float32 on the CPU is supported"
                )
            if tensor.layout != torch.strided or tensor.is_inference():
                kind = "sparse" if tensor.layout != torch.strided else "made under torch.inference_mode()"
                raise ExportError(f"{path}.{name}: is {kind}; give a copy that is not")
            if not bool(tensor.isfinite().all()):
                count = int((~tensor.isfinite()).sum())
                raise ExportError(
                    f"{path}.{name}: {count} of {tensor.numel()} values are NaN or infinite; correct them"
                )

    def _container(self, path, module, graph):
        where = f"{path or 'the network'} ({type(module).__name__})"
        names, inputs, calls = {}, [], []

        def operands(nodes):
            for node in nodes:
                if not isinstance(node, fx.Node) or node not in names:
                    raise ExportError(f"{where}: {node} is used as a tensor, but is not a single tensor")
            return [names[node] for node in nodes]

        for node in graph.nodes:
            if node.op == "placeholder":
                names[node] = node.name
                inputs.append(node.name)
            elif node.op == "call_module":
                called = module.get_submodule(node.target)
                arguments = self._arguments(called, node, where)
                self._visit(called, arguments)
                names[node] = node.name
                calls.append({"name": node.name, "module": self._path[called], "args": operands(arguments.tensors)})
            elif node.op == "get_attr":
                raise ExportError(
                    f"{where}: uses the tensor {node.target} itself; only the modules of the table own tensors; "
                    f"{SUPPORTED}"
                )
            elif node.op == "output":
                output = node.args[0]
                if module is self._root and not isinstance(output, fx.Node):
                    calls.append(
                        {
                            "name": node.name,
                            "op": "cat",
                            "args": operands(self._several(output)),
                            "attributes": {"dim": 1},
                        }
                    )
                    value = node.name
                else:
                    value = operands([_single(output, where)])[0]
                return {"type": type(module).__name__, "inputs": inputs, "calls": calls, "output": value}
            elif not is_size(node):
                names[node] = self._function(node, where, operands, calls)
                if is_inplace_add(node):
                    self._inplace_adds.add((path, names[node]))
        raise AssertionError("a graph ends with its output")

    def _several(self, output):
        """The nodes of the network's several outputs."""
        self._returns_several = True
        if isinstance(output, dict):
            if self.heads:
                raise ExportError(f"heads: the network returns a dictionary, whose keys {list(output)} are the names")
            self.heads, output = list(output), list(output.values())
        if not isinstance(output, (tuple, list)):
            raise ExportError(
                f"the network returns {type(output).__name__}; it must return a tensor, or several in a tuple, "
                "a list or a dictionary"
            )
        if len(output) < 2:
            raise ExportError(f"the network returns one tensor in a {type(output).__name__}; return the tensor itself")
        if not self.heads or len(self.heads) != len(output):
            raise ExportError(
                f'heads: the network returns {len(output)} tensors; name each, as in heads=["yaw", "pitch", "roll"]'
            )
        return output

    def _arguments(self, called, node, where):
        try:
            arguments = Arguments(called, node.args, node.kwargs)
        except TypeError as error:
            raise ExportError(f"{where}: calls {node.target} with arguments that do not fit: {error}") from None
        if leaf_type(called) and len(arguments.tensors) != 1:
            raise ExportError(f"{where}: calls {node.target} with {len(arguments.tensors)} tensors")
        return arguments

    def _function(self, node, where, operands, calls):
        """Appends the steps of the node to `calls`; the name of its value."""
        try:
            steps = steps_of(node)
        except Unsupported as error:
            raise ExportError(f"{where}: {name_of(node)} is not supported here: {error}; {SUPPORTED}") from None
        if not steps:
            return operands(node.args[:1])[0]
        value = None
        for position, (op, nodes, attributes) in enumerate(steps, start=1):
            args = [value] if nodes == [None] else operands(nodes)
            value = node.name if position == len(steps) else f"{node.name}.{position}"
            calls.append({"name": value, "op": op, "args": args, "attributes": attributes})
        return value


def _single(output, where):
    if not isinstance(output, fx.Node):
        raise ExportError(f"{where}: returns {type(output).__name__}; a module must return one tensor")
    return output
