"""A network's folder in NumPy: its description and its weights, without PyTorch."""

import json
from pathlib import Path

import numpy as np
import safetensors
import safetensors.numpy

from .description import check_description
from .faults import NetworkError
from .generator import draw_all


def read_description(folder):
    """The content of `network.json`, checked. Raises NetworkError."""
    file = Path(folder) / "network.json"
    try:
        description = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise NetworkError(f"{file}: no such file") from None
    except ValueError as error:
        raise NetworkError(f"{file}: not JSON: {error}") from None
    check_description(description)
    return description


def read_arrays(folder, description):
    """Name → float32 array, under PyTorch's `state_dict` names; seeded weights are drawn. Raises NetworkError."""
    file = Path(folder) / "weights.safetensors"
    expected = tensors_of(description)
    if "weights" in description:
        return draw_all(description["weights"]["seed"], expected)
    try:
        weights = safetensors.numpy.load_file(file)
    except FileNotFoundError:
        raise NetworkError(f"{file}: no such file") from None
    except safetensors.SafetensorError as error:
        raise NetworkError(f"{file}: {error}") from None
    missing, unknown = sorted(expected.keys() - weights.keys()), sorted(weights.keys() - expected.keys())
    if missing or unknown:
        raise NetworkError(f"{file}: missing tensors {missing}, unknown tensors {unknown}")
    for name, (_, _, shape) in expected.items():
        found = weights[name]
        if found.dtype != np.float32 or found.shape != shape:
            raise NetworkError(
                f"{file}: {name} is {found.dtype} {list(found.shape)}, expected float32 {list(shape)}"
            )
    return weights


def tensors_of(description):
    """Name → (type of the leaf, "" for a container; local name; shape) of every tensor, in PyTorch's order."""
    return {
        f"{path}.{local}" if path else local: ("" if "calls" in row else row["type"], local, tuple(shape))
        for path, row in description["modules"].items()
        for local, shape in _shapes(row).items()
    }


def _shapes(row):
    if "attributes" in row:
        return _SHAPES[row["type"]](row["attributes"]) if row["type"] in _SHAPES else {}
    return row.get("weights", {})


def _conv2d(a):
    weight = (a["outChannels"], a["inChannels"] // a["groups"], *a["kernelSize"])
    return {"weight": weight, **({"bias": (a["outChannels"],)} if a["bias"] else {})}


def _linear(a):
    return {
        "weight": (a["outFeatures"], a["inFeatures"]),
        **({"bias": (a["outFeatures"],)} if a["bias"] else {}),
    }


def _batch_norm(a):
    names = (*(("weight", "bias") if a["affine"] else ()), "running_mean", "running_var")
    return dict.fromkeys(names, (a["numFeatures"],))


_SHAPES = {"Conv2d": _conv2d, "Linear": _linear, "BatchNorm2d": _batch_norm}
