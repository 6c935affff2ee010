"""`python -m touchstone_golden.generator_golden OUT`: writes OUT/generator.json, with which packages/network tests its
generator.

`draws`: the first and the last values of draws of many lengths, exact in JSON. `networks`: SHA-256 of all the weights
of each network with seeded weights, little-endian float32, tensor after tensor in the order of its `state_dict`.
"""

import argparse
import hashlib
import json
from pathlib import Path

from touchstone.network.generator import draw

from .cases import REPOSITORY
from .networks import ENTRIES
from .regen import write_whole

_DRAWS = [
    (0, "one", 1, 0, 1),
    (1, "classifier.6.bias", 3, -0.05, 0.2),
    (2**32 - 1, "features.0.weight", 4, 0, 0.3),
    (7, "ŝ·0", 5, 1.2, 0.8),
    (7, "ŝ·1", 4097, 1, 0.5),
    (1016, "longer than a chunk", 4 * 2**16 + 3, 0, 1),
]
_ENDS = 8


def generator_golden():
    """The content of generator.json."""
    draws = []
    for seed, name, count, centre, half in _DRAWS:
        values = draw(seed, name, [count], centre, half).astype(float).tolist()
        about = {"seed": seed, "name": name, "count": count, "centre": centre, "half": half}
        draws.append({**about, "first": values[:_ENDS], "last": values[-_ENDS:]})
    return {"draws": draws, "networks": {entry.name: _digest(entry) for entry in ENTRIES if entry.seed is not None}}


def _digest(entry):
    """Of the weights that its network.json has: without those of a loss, for instance."""
    modules = json.loads((REPOSITORY / "golden" / "networks" / entry.name / "network.json").read_text())["modules"]
    sha256, values = hashlib.sha256(), 0
    for name, tensor in entry.build().state_dict().items():
        if name.endswith("num_batches_tracked") or name.rpartition(".")[0] not in modules:
            continue
        sha256.update(tensor.numpy().astype("<f4").tobytes())
        values += tensor.numel()
    return {"values": values, "sha256": sha256.hexdigest()}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m touchstone_golden.generator_golden", description=__doc__)
    parser.add_argument("folder", type=Path, metavar="OUT")
    text = json.dumps(generator_golden(), indent=1, ensure_ascii=False) + "\n"
    write_whole(parser.parse_args().folder / "generator.json", text.encode())
