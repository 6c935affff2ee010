"""A tiny network as a folder, written without PyTorch."""

import json

import numpy as np
import safetensors.numpy


def linear_network(folder, shape=(2, 3, 4), classes=3, seeded=False):
    """Flatten, then Linear. Returns its weight [classes, values]."""
    size = int(np.prod(shape))
    chain = [("flat", "Flatten", {"startDim": 1, "endDim": -1}), ("head", "Linear", _linear(size, classes))]
    calls = [{"name": name, "module": name, "args": [before]} for (name, *_), before in zip(chain, ["x", "flat"])]
    root = {"type": "Sequential", "inputs": ["x"], "calls": calls, "output": "head"}
    leaves = {name: {"type": kind, "attributes": attributes} for name, kind, attributes in chain}
    description = {
        "format": "touchstone-network", "version": 1, "name": "linear", "why": "", "input": {"shape": list(shape)},
        **({"weights": {"generator": "philox4x32-10", "seed": 7}} if seeded else {}), "modules": {"": root, **leaves},
    }  # fmt: skip
    folder.mkdir(parents=True)
    (folder / "network.json").write_text(json.dumps(description))
    weight = np.random.default_rng(0).normal(size=(classes, size)).astype(np.float32)
    if not seeded:
        tensors = {"head.weight": weight, "head.bias": np.zeros(classes, np.float32)}
        safetensors.numpy.save_file(tensors, folder / "weights.safetensors")
    return weight


def _linear(size, classes):
    return {"inFeatures": size, "outFeatures": classes, "bias": True}
