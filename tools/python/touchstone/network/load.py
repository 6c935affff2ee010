"""A network's folder as a torch module again: same names, same `state_dict`, same bits, same aliases and in-place
operations.
"""

from pathlib import Path

import safetensors
import safetensors.torch
import torch
import torch.nn.functional as F
from torch import nn

from .arrays import read_description
from .faults import NetworkError
from .operations import LEAVES, keywords
from .ops import TABLE
from .seeded import draw_weights

_FUNCTIONS = {  # of torch.nn, as people call them: what replaces or watches those sees these too
    "add": torch.add,
    "cat": lambda *values, dim: torch.cat(values, dim),
    "relu": F.relu,
    "relu6": F.relu6,
    "max_pool2d": F.max_pool2d,
    "avg_pool2d": F.avg_pool2d,
    "adaptive_avg_pool2d": F.adaptive_avg_pool2d,
    "flatten": torch.flatten,
    "dropout": lambda value, inplace: F.dropout(value, training=False, inplace=inplace),
}


class Container(nn.Module):
    """A module that executes `calls`. `module` in a call is a path below this container.

    All other names are left to the modules and tensors of the network.
    """

    def __init__(self, row, calls):
        super().__init__()
        self.__row, self.__calls = row, calls
        for name, shape in row.get("weights", {}).items():
            if name.endswith(("running_mean", "running_var")):  # PyTorch has no gradient for these
                self.register_buffer(name, torch.empty(shape))
            else:
                self.register_parameter(name, nn.Parameter(torch.empty(shape)))

    def forward(self, *args):
        values = dict(zip(self.__row["inputs"], args, strict=True))
        for call in self.__calls:
            values[call["name"]] = self.__value(call, values, args[0].dtype)
        return values[self.__row["output"]]

    def __value(self, call, values, dtype):
        if "weight" in call:
            return getattr(call["owner"], call["weight"].rpartition(".")[2])
        if "number" in call:
            return torch.tensor(call["number"], dtype=dtype)
        operands = [values[name] for name in call["args"]]
        if "module" in call:
            return self.get_submodule(call["module"])(*operands)
        if call["op"] in _FUNCTIONS:
            return _FUNCTIONS[call["op"]](*operands, **keywords(call["attributes"]))
        return TABLE[call["op"]].run(operands, call["attributes"])

    def extra_repr(self):
        return self.__row["type"]


def load_network(folder):
    """The network in `folder` (`network.json`; `weights.safetensors`, unless seeded) as a module in eval mode,
    float32, on the CPU.

    Leaves are PyTorch's own; containers are interpreted; `description` is the content of `network.json`. Raises
    NetworkError for anything that is missing or malformed.
    """
    folder = Path(folder)
    description = read_description(folder)
    file = folder / "weights.safetensors"
    if "weights" not in description:
        return build_network(description, read_weights(file), file)
    if file.exists():
        raise NetworkError(
            f'{file}: both stored and seeded weights are given; remove this file, or "weights" in network.json'
        )
    return build_network(description, None, file)


def build_network(description, weights, source, dtype=torch.float32):
    """The network of a checked description with these weights (name → tensor of `dtype`; not copied; None: seeded,
    by its description).

    Errors about the weights name `source`.
    """
    modules = description["modules"]
    calls = {
        path: [_below(path, call, modules) for call in row["calls"]] for path, row in modules.items() if "calls" in row
    }
    with torch.device("meta"):  # allocates nothing before the weights are known to have these sizes
        built = {path: _build(path, row, calls.get(path)) for path, row in modules.items() if "alias" not in row}
    for path, row in modules.items():
        if path:
            _attach(built[""], path, built[row.get("alias", path)])
    _give_owners(built, calls)
    _set_weights(
        built, draw_weights(description["weights"]["seed"], built[""]) if weights is None else weights, source, dtype
    )
    network = built[""].eval()
    network.description = description
    return network


def _build(path, row, calls):
    if row["type"] in LEAVES and "attributes" in row:
        try:
            return getattr(nn, row["type"])(**keywords(row["attributes"]))
        except (ValueError, RuntimeError) as error:
            raise NetworkError(f"module {path!r}: {error}") from None
    return Container(row, calls)


def _give_owners(built, calls):
    """Calls that read a weight find the module that owns it."""
    for path, of_path in calls.items():
        for call in of_path:
            if "weight" in call:
                owner, _, name = call["weight"].rpartition(".")
                if not isinstance(getattr(built.get(owner), name, None), torch.Tensor):
                    raise NetworkError(f"module {path!r} reads {call['weight']!r}, which no module has")
                call["owner"] = built[owner]


def _below(path, call, modules):
    """The call with its module named relative to the container at `path`: so PyTorch finds a replaced module."""
    if "module" not in call:
        return dict(call)
    start = f"{path}." if path else ""
    names = [call["module"], *(name for name, row in modules.items() if row.get("alias") == call["module"])]
    below = next((name for name in names if name.startswith(start)), None)
    if below is None:
        raise NetworkError(f"module {path!r} calls {call['module']!r}, which is not below it under any name")
    return {**call, "module": below[len(start) :]}


def _attach(root, path, module):
    """Sets the module at `path`; a parent without a row (such as a ModuleList) becomes a bare module."""
    *parents, last = path.split(".")
    owner = root
    for name in parents:
        if name not in owner._modules:
            owner.add_module(name, nn.Module())
        owner = owner._modules[name]
    if owner._modules.get(last) is module:
        return
    if last in owner._modules:
        raise NetworkError(f"modules: {path!r} must come before its children")
    owner.add_module(last, module)


def read_weights(file):
    """Name → tensor."""
    try:
        return {name: tensor.clone() for name, tensor in safetensors.torch.load_file(file).items()}
    except FileNotFoundError:
        raise NetworkError(f"{file}: no such file") from None
    except safetensors.SafetensorError as error:
        raise NetworkError(f"{file}: {error}") from None


def _set_weights(built, weights, source, dtype):
    wanted = {}
    for path, module in built.items():
        for name, tensor in [*module.named_parameters(recurse=False), *module.named_buffers(recurse=False)]:
            wanted[f"{path}.{name}" if path else name] = (module, name, tensor)
    counters = {name for name in wanted if name.endswith("num_batches_tracked")}
    missing, unknown = wanted.keys() - weights.keys() - counters, weights.keys() - wanted.keys()
    if missing or unknown:
        raise NetworkError(f"{source}: missing tensors {sorted(missing)}, unknown tensors {sorted(unknown)}")
    for name, (module, local, expected) in wanted.items():
        tensor = torch.tensor(0) if name in counters else weights[name]
        kind = dtype if expected.is_floating_point() else expected.dtype
        if tensor.dtype != kind or tensor.shape != expected.shape:
            raise NetworkError(
                f"{source}: {name} is {tensor.dtype} {list(tensor.shape)}, expected {kind} {list(expected.shape)}"
            )
        if not bool(tensor.isfinite().all()):
            raise NetworkError(f"{source}: {name} holds NaN or infinite values")
        setattr(module, local, nn.Parameter(tensor) if isinstance(expected, nn.Parameter) else tensor)
