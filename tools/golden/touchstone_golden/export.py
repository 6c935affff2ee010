"""`export_network`: a torch module as `network.json` and `weights.safetensors`."""

from pathlib import Path

import torch
from torch import fx, nn

from .aliasing import check_aliasing
from .description import check_description
from .faults import ExportError, NetworkError
from .folder import write_folder
from .functions import Unsupported, is_inplace_add, is_size, name_of, steps_of
from .leaves import leaf_row, leaf_type, refuse_oddities
from .load import load_network
from .operations import SUPPORTED
from .preprocessing import preprocess_of
from .tracing import PLACE, Arguments, trace


def export_network(
    module, example_input, folder, *, name=None, why="", classes=None, preprocess=None, heads=None, seed=None
):
    """Writes `module` (in eval mode, float32, on the CPU) to `folder`, so that `load_network(folder)` gives the same
    bits.

    `example_input` [N,C,H,W] float32 gives the input's size and checks the result: the folder appears only if the
    network read back from it gives the same bits as `module`. `classes`: a name per output. `preprocess`:
    a dictionary as in docs/formats.md, or the transform of torchvision's weights, `weights.transforms()`.
    `name` defaults to the folder's. A module that
    returns several tensors [N,k], as a tuple, a list or a dictionary, is written with their concatenation as its
    output; `heads` names those of a tuple or a list, in their order. `seed`: the weights are those of
    `draw_weights(seed, module)`; only the seed is stored.

    Raises ExportError, naming the module and the operation, for anything that the format cannot express; nothing is
    written then.
    """
    folder = Path(folder)
    if not isinstance(example_input, torch.Tensor) or (
        example_input.dim(),
        example_input.dtype,
        example_input.device.type,
    ) != (4, torch.float32, "cpu"):
        raise ExportError("example_input must be a float32 tensor [N,C,H,W] on the CPU")
    modes = {each: each.training for each in module.modules()}
    module.eval()
    try:
        with torch.no_grad():
            exporter = _Exporter(module, heads)
            modules = exporter.rows()
            answer, sizes = _side_by_side(module(example_input.clone()))
    finally:
        for each, training in modes.items():
            each.training = training
    description = {
        "format": "touchstone-network",
        "version": 1,
        "name": name or folder.name,
        "why": why,
        "input": {"shape": list(example_input.shape[1:])},
        **({"preprocess": preprocess_of(preprocess)} if preprocess else {}),
        **({"classes": list(classes)} if classes else {}),
        **(
            {"heads": [{"name": name, "size": size} for name, size in zip(exporter.heads, sizes, strict=True)]}
            if exporter.heads
            else {}
        ),
        **({} if seed is None else {"weights": {"generator": "philox4x32-10", "seed": seed}}),
        "modules": modules,
    }
    try:
        check_description(description)
    except NetworkError as error:
        raise ExportError(str(error)) from None
    if classes and answer.shape[1:] != (len(classes),):
        raise ExportError(f"classes: {len(classes)} names for outputs of shape {list(answer.shape[1:])}")
    write_folder(
        folder,
        description,
        _weights(module, modules) if seed is None else None,
        lambda written: _prove(written, example_input, answer),
    )


def _side_by_side(answer):
    """What the network returns as one tensor, and the heads' sizes."""
    if isinstance(answer, torch.Tensor):
        return answer, []
    values = list(answer.values() if isinstance(answer, dict) else answer)
    shapes = [list(value.shape) for value in values]
    if any(len(shape) != 2 for shape in shapes):
        raise ExportError(f"the network returns tensors of shapes {shapes}; each of several outputs must be [N,k]")
    return torch.cat(values, 1), [shape[1] for shape in shapes]


def _prove(folder, example_input, answer):
    with torch.no_grad():
        again = load_network(folder)(example_input.clone())
    if again.shape != answer.shape or again.numpy().tobytes() != answer.numpy().tobytes():
        raise ExportError(
            "the network read back gives other bits than the module, so nothing was written; "
            "does its forward depend on the batch, on values, or on memory shared by in-place operations?"
        )


def _weights(module, modules):
    """Every tensor of the leaves under its first name."""
    weights = {}
    for path, row in modules.items():
        if "attributes" in row:
            for name, tensor in module.get_submodule(path).state_dict().items():
                if name != "num_batches_tracked":
                    weights[f"{path}.{name}" if path else name] = tensor.detach().clone().contiguous()
    return weights


class _Exporter:
    def __init__(self, root, heads=None):
        self.heads = heads and list(heads)
        self._root = root
        self._path = {each: path for path, each in root.named_modules()}
        self._rows = {}
        self._shapes = {}
        self._returns_several = False
        self._inplace_adds = set()

    def rows(self):
        """The rows of `modules`, in the order of `named_modules`."""
        try:
            arguments = Arguments(self._root, (PLACE,), {})
        except TypeError as error:
            raise ExportError(f"the network must take one tensor: {error}") from None
        self._visit(self._root, arguments)
        for path, each in self._root.named_modules():
            if path not in self._rows:
                self._uncalled(path, each)
        if self.heads and not self._returns_several:
            raise ExportError("heads: the network returns one tensor, which has no heads")
        check_aliasing(self._rows, self._inplace_adds)
        ordered = {}
        for path, each in self._root.named_modules(remove_duplicate=False):
            first = self._path[each]
            if first in self._rows:
                ordered[path] = self._rows[first] if path == first else {"alias": first}
        return ordered

    def _uncalled(self, path, module):
        """A module that forward never calls: kept if it is a leaf, left out if it holds no tensors."""
        kind = leaf_type(module)
        if kind:
            self._rows[path] = leaf_row(kind, module, path)
            self._check_tensors(path, module)
        elif any(True for _ in module.parameters(recurse=False)) or any(True for _ in module.buffers(recurse=False)):
            raise ExportError(
                f"{path} ({type(module).__name__}): holds tensors of its own and is not supported; {SUPPORTED}"
            )

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
        self._check_tensors(path, module)
        self._shapes[path] = arguments.shape
        kind = leaf_type(module)
        self._rows[path] = (
            leaf_row(kind, module, path) if kind else self._container(path, module, trace(module, arguments, path))
        )

    def _check_tensors(self, path, module):
        for name, tensor in [*module.named_parameters(recurse=False), *module.named_buffers(recurse=False)]:
            if name != "num_batches_tracked" and (tensor.dtype != torch.float32 or tensor.device.type != "cpu"):
                raise ExportError(
                    f"{path}.{name}: is {tensor.dtype} on {tensor.device}; only float32 on the CPU is supported"
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
