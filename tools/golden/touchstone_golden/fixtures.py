"""Stored randomness: made once, by numpy from a seed that is the fixture's name, and never changed."""

import json
import zlib

import numpy as np
import torch
from safetensors.torch import load_file, save

from .cases import read_cases, reference
from .regen import say, write_whole


def make_fixtures(golden):
    """Makes the missing fixtures that cases name, each by `fixtures` of the method's reference, for the first case that
    names it.
    """
    for case in read_cases(golden):
        file = golden / "fixtures" / f"{case.fixture}.safetensors"
        if not case.fixture or file.exists():
            continue
        x = load_file(golden / "inputs" / f"{case.input}.safetensors")["x"]
        description = json.loads((golden / "networks" / case.network / "network.json").read_text(encoding="utf-8"))
        draw = np.random.default_rng(zlib.crc32(case.fixture.encode()))
        made = reference(case.method).fixtures(draw, x, case.params, description)
        made = {name: torch.from_numpy(np.ascontiguousarray(values, dtype=np.float32)) for name, values in made.items()}
        write_whole(file, save(made))
        say(f"{case.fixture}: {', '.join(f'{name} {list(t.shape)}' for name, t in made.items())}")
