"""`export_network`: a torch module as `network.json` and `weights.safetensors`."""

import warnings
from functools import partial
from pathlib import Path

import torch
from torch import nn

from .canonical import examined, plain
from .description import check_description
from .faults import ExportError, NetworkError
from .finite import refuse_non_finite
from .folder import refuse_no_name, write_folder
from .given import Given
from .leaves import leaf_type
from .load import load_network, read_weights
from .oddities import network_of
from .preprocessing import preprocess_of
from .proof import BITS, prove
from .replay import Replay
from .rows import WEIGHTS, Rows, outputs_in
from .seeded import draw_weights


def export_network(
    module, example_input, folder, *, name=None, why="", classes=None, preprocess=None, heads=None, seed=None
):
    """Writes `module` (in eval mode, float32, on the CPU) to `folder`, so that `load_network(folder)` gives the same
    bits.

    `example_input` [N,C,H,W] float32 gives the input's size and checks the result: the folder appears only if the
    network read back from it gives the same bits and the same gradients as `module`, for this and other inputs
    (`proof.py`). Signals [N,C,L] are taken as images of height 1: the network written takes [N,C,1,L]. A tuple of
    several inputs [N,Cᵢ,H,W] of a network that takes several: the network written takes them side by side along the
    channels, [N,ΣCᵢ,H,W]. Sizes that forward computes with are those of the example; only the number of images is free.
    nn.DataParallel is unwrapped, and a single layer gets the name "0". Parts that forward never uses and no row can
    hold are left out, with a warning. `classes`: a name per output, of a map per channel. `preprocess`: a dictionary as
    in docs/formats.md, or the transform of torchvision's weights, `weights.transforms()`. `name` defaults to the
    folder's. A module that returns several tensors [N,k], or maps [N,k,H,W] of one size, as a tuple, a list or a
    dictionary, is written with their concatenation along dimension 1 as its output; `heads` names those of a tuple or a
    list, in their order. None among them is left out, and one that is left is the output itself. `seed`: the weights
    are those of `draw_weights(seed, module)`; only the seed is stored.

    Raises ExportError, naming each module and operation that the format cannot express, all at once, and for a folder
    that is a link or holds anything but an earlier export; nothing is written then.
    """
    refuse_no_name(folder)
    module, folder = network_of(module), Path(folder)
    given = Given(example_input)
    if leaf_type(module):
        module = nn.Sequential(module)
    run = partial(_run, module, given)
    with examined(module), torch.no_grad():
        rows = Rows(module, given, heads)
        answer, sizes = _answer(run, given.x)
        refuse_non_finite(module, run, given.x, answer)
        _refuse_mixing(run, given.of_images(3))
        description = {
            "format": "touchstone-network",
            "version": 1,
            "name": name or folder.name,
            "why": why,
            "input": {"shape": list(given.x.shape[1:])},
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
        if classes and not (answer.dim() in (2, 4) and answer.shape[1] == len(classes)):
            raise ExportError(f"classes: {len(classes)} names for outputs of shape {list(answer.shape[1:])}")
        write_folder(
            folder,
            description,
            _weights(module, rows) if seed is None else None,
            lambda written: _prove(written, module, run, rows, given.x, answer),
        )
    if rows.left_out:
        warnings.warn(f"left out, because forward never uses them: {', '.join(rows.left_out)}", stacklevel=2)


def _run(module, given, x):
    return module(*given.apart(x))


def _refuse_mixing(run, x):
    """Raises ExportError where the answer for one image depends on the others."""
    together, alone = (plain(_answer(run, each)[0]) for each in (x, x[:1]))
    together, off = together[:1], 1e-3 * float(alone.abs().max())
    if together.shape != alone.shape or not torch.allclose(together, alone, 1e-3, off):
        raise ExportError("the network: its answer for an image depends on the other images of the batch")


def _answer(run, x):
    """`_side_by_side` of what the network returns. Raises ExportError where it raises anything."""
    try:
        returned = run(plain(x))
    except Exception as error:  # the module's own code may raise anything
        reason = str(error).strip().split("\n")[0]
        raise ExportError(
            f"the network: runs on some numbers of images, but not on {len(x)} after them: {type(error).__name__}: "
            f"{reason}; its forward must keep nothing for its next call"
        ) from error
    return _side_by_side(returned)


def _side_by_side(answer):
    """What the network returns as one tensor, and the heads' sizes."""
    values = outputs_in(answer)
    if any(not value.dim() for value in values):
        raise ExportError("the network returns one number for all images; return one for each, such as [N,1]")
    if len(values) == 1:
        return values[0], []
    shapes = [list(value.shape) for value in values]
    if any(len(shape) not in (2, 4) or shape[2:] != shapes[0][2:] for shape in shapes):
        raise ExportError(
            f"the network returns tensors of shapes {shapes}; each of several outputs must be [N,k], "
            "or each a map [N,k,H,W] of the same height and width; export a module whose forward returns those of them "
            "that you explain"
        )
    return torch.cat(values, 1), [shape[1] for shape in shapes]


def _named(names, sizes):
    return [{"name": name, "size": size} for name, size in zip(names or (), sizes, strict=True)]


def _prove(folder, module, run, rows, x, answer):
    """Raises ExportError unless what the folder holds gives the module's answers and gradients."""
    try:
        network = load_network(folder)
    except NetworkError as error:
        raise ExportError(f"the network written cannot be read back: {error}") from None
    seed = network.description.get("weights")
    weights = draw_weights(seed["seed"], network) if seed else read_weights(folder / "weights.safetensors")
    stored = _weights(module, rows)
    differ = [name for name, tensor in stored.items() if not torch.equal(weights[name], tensor)]
    if seed and differ:
        raise ExportError(
            f"seed: the weights read back are not those of the module, such as {differ[0]}; "
            f"fill it with draw_weights({seed['seed']}, module) before the export"
        )
    for tensors in (weights, dict(network.named_parameters())):
        _require_gradients_as(module, tensors)
    prove(module, run, Replay(network.description, weights), x, lambda given: _side_by_side(given)[0])
    if plain(network(plain(x))).numpy().tobytes() != plain(answer).numpy().tobytes():
        raise ExportError(BITS)


def _require_gradients_as(module, tensors):
    """PyTorch's linear layers sum in another order where the weight requires a gradient."""
    learned = {name for name, each in module.named_parameters(remove_duplicate=False) if each.requires_grad}
    for name, tensor in tensors.items():
        tensor.requires_grad_(name in learned)


def _weights(module, rows):
    """Every tensor of the leaves and of containers under its first name."""
    weights = {}
    for path, row in rows.modules.items():
        part = module.get_submodule(path) if "alias" not in row else None
        names = row.get("weights", ()) if "calls" in row else WEIGHTS if part else ()
        for name in names:
            full = f"{path}.{name}" if path else name
            tensor = rows.constants.get(full, getattr(part, name, None))
            if tensor is not None and ("calls" in row or name in part.state_dict()):
                weights[full] = plain(tensor)
    return weights
