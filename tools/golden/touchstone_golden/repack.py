"""`repack` writes stored goldens as the maker writes them today, with the numbers that they have."""

import json
import math

import torch
from safetensors.torch import load, save

from .cases import read_cases
from .manifest import list_files
from .regen import read_meta, say, write_whole
from .sampling import narrowed
from .sketch import few_of_a_large_output, sketch_tensors


def repack(golden, pattern):
    """Rewrites the goldens of the matching cases that an older maker made, and the files of manifest.json."""
    before = after = 0
    for case in read_cases(golden, pattern):
        file = golden / "data" / f"{case.id}.safetensors"
        old = file.read_bytes()
        new = repacked(old)
        if new != old:
            write_whole(file, new)
        before, after = before + len(old), after + len(new)
    list_files(golden)
    say(f"{before} bytes before, {after} now; manifest.json lists them")
    return 0


def repacked(content):
    """The bytes of a golden in today's form; of one that has it the same bytes."""
    meta, tensors = read_meta(content), load(content)
    if "sketch/0/forward" in tensors:
        tensors |= _one_sketch(meta["sketch"], tensors)
    tensors = {name: t if name.startswith("flip/") else narrowed(t) for name, t in tensors.items()}
    return save(tensors, {"touchstone": json.dumps(meta, separators=(",", ":"), allow_nan=False)})


def _one_sketch(rows, tensors):
    """Takes the tensors of each row out of `tensors`, and some of the indices out of the rows."""
    forward, gradient = [], []
    for i, row in enumerate(rows):
        places = {index: place for place, index in enumerate(row["indices"])}
        row["indices"] = few_of_a_large_output(row["indices"], math.prod(row["shape"]))
        kept = torch.tensor([places[index] for index in row["indices"]], dtype=torch.long)
        forward.append(tensors.pop(f"sketch/{i}/forward")[kept])
        if row["gradient"] is not None:
            gradient.append(tensors.pop(f"sketch/{i}/gradient")[kept])
    return sketch_tensors(forward, gradient)
