"""`export_network`: a torch module as `network.json` and `weights.safetensors`."""

import warnings
from pathlib import Path

import torch

from .canonical import examined, plain
from .description import check_description
from .faults import ExportError, NetworkError
from .finite import refuse_non_finite
from .folder import refuse_no_name, write_folder
from .load import load_network, read_weights
from .oddities import network_of
from .preprocessing import preprocess_of
from .proof import BITS, prove
from .replay import Replay
from .rows import WEIGHTS, Rows
from .seeded import draw_weights


def export_network(
    module, example_input, folder, *, name=None, why="", classes=None, preprocess=None, heads=None, seed=None
):
    """Writes `module` (in eval mode, float32, on the CPU) to `folder`, so that `load_network(folder)` gives the same
    bits.

    `example_input` [N,C,H,W] float32 gives the input's size and checks the result: the folder appears only if the
    network read back from it gives the same bits and the same gradients as `module`, for this and other inputs
    (`proof.py`). nn.DataParallel is unwrapped. Parts that forward never uses and no row can hold are left out, with a
    warning. `classes`: a name per output. `preprocess`: a dictionary as in docs/formats.md, or the transform of
    torchvision's weights, `weights.transforms()`. `name` defaults to the folder's. A module that
    returns several tensors [N,k], as a tuple, a list or a dictionary, is written with their concatenation as its
    output; `heads` names those of a tuple or a list, in their order. `seed`: the weights are those of
    `draw_weights(seed, module)`; only the seed is stored.

    Raises ExportError, naming the module and the operation, for anything that the format cannot express, and for a
    folder that is a link or holds anything but an earlier export; nothing is written then.
    """
    refuse_no_name(folder)
    module, folder = network_of(module), Path(folder)
    _check_example(example_input)
    with examined(module), torch.no_grad():
        rows = Rows(module, heads)
        answer, sizes = _side_by_side(_run(module, example_input))
        refuse_non_finite(module, example_input, answer)
        description = {
            "format": "touchstone-network",
            "version": 1,
            "name": name or folder.name,
            "why": why,
            "input": {"shape": list(example_input.shape[1:])},
            **({"preprocess": preprocess_of(preprocess)} if preprocess else {}),
            **({"classes": list(classes)} if classes else {}),
            **({"heads": named} if (named := _named(rows.heads, sizes)) else {}),
            **({} if seed is None else {"weights": {"generator": "philox4x32-10", "seed": seed}}),
            "modules": rows.modules,
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
            _weights(module, rows.modules) if seed is None else None,
            lambda written: _prove(written, module, example_input, answer),
        )
    if rows.left_out:
        warnings.warn(f"left out, because forward never uses them: {', '.join(rows.left_out)}", stacklevel=2)


def _check_example(example):
    if not isinstance(example, torch.Tensor) or (example.dim(), example.dtype, example.device.type) != (
        4,
        torch.float32,
        "cpu",
    ):
        raise ExportError("example_input must be a float32 tensor [N,C,H,W] on the CPU")
    if not len(example):
        raise ExportError("example_input must hold at least one image")
    if not bool(example.isfinite().all()):
        raise ExportError("example_input holds NaN or infinite values")


def _run(module, example):
    try:
        return module(plain(example))
    except Exception as error:  # the module's own code may raise anything
        reason = str(error).strip().split("\n")[0]
        raise ExportError(f"the network does not run on example_input: {type(error).__name__}: {reason}") from error


def _side_by_side(answer):
    """What the network returns as one tensor, and the heads' sizes."""
    if isinstance(answer, torch.Tensor):
        return answer, []
    values = list(answer.values() if isinstance(answer, dict) else answer)
    shapes = [list(value.shape) for value in values]
    if any(len(shape) != 2 for shape in shapes):
        raise ExportError(f"the network returns tensors of shapes {shapes}; each of several outputs must be [N,k]")
    return torch.cat(values, 1), [shape[1] for shape in shapes]


def _named(names, sizes):
    return [{"name": name, "size": size} for name, size in zip(names or (), sizes, strict=True)]


def _prove(folder, module, example_input, answer):
    """Raises ExportError unless what the folder holds gives the module's answers and gradients."""
    try:
        network = load_network(folder)
    except NetworkError as error:
        raise ExportError(f"the network written cannot be read back: {error}") from None
    seed = network.description.get("weights")
    weights = draw_weights(seed["seed"], network) if seed else read_weights(folder / "weights.safetensors")
    stored = _weights(module, network.description["modules"])
    if seed and not all(torch.equal(weights[name], tensor) for name, tensor in stored.items()):
        raise ExportError(
            "seed: the weights read back are not those of the module; "
            f"fill it with draw_weights({seed['seed']}, module) before the export"
        )
    prove(module, Replay(network.description, weights), example_input, lambda given: _side_by_side(given)[0])
    if network(plain(example_input)).numpy().tobytes() != answer.numpy().tobytes():
        raise ExportError(BITS)


def _weights(module, modules):
    """Every tensor of the leaves under its first name."""
    weights = {}
    for path, row in modules.items():
        if "attributes" in row:
            for name, tensor in module.get_submodule(path).state_dict().items():
                if name in WEIGHTS:
                    weights[f"{path}.{name}" if path else name] = tensor.detach().clone().contiguous()
    return weights
