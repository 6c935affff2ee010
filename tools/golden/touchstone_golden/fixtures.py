"""Stored randomness: made once, by numpy from a seed that is the fixture's name, then never again."""

import zlib

import numpy as np
import torch
from safetensors.torch import load_file, save

from .cases import read_cases
from .regen import say, write_whole


def make_fixtures(golden):
    """Standard normal `noise` [samples,N,C,H,W], float32, for each fixture that a case names and that does not exist yet."""
    samples, inputs = {}, {}
    for case in read_cases(golden):
        if case.fixture:
            samples[case.fixture] = max(samples.get(case.fixture, 0), case.params.get("samples", 50))
            if inputs.setdefault(case.fixture, case.input) != case.input:
                raise ValueError(f"{case.id}: fixture {case.fixture!r} was made for input {inputs[case.fixture]!r}")
    for name, count in samples.items():
        file = golden / "fixtures" / f"{name}.safetensors"
        if file.exists():
            continue
        shape = load_file(golden / "inputs" / f"{inputs[name]}.safetensors")["x"].shape
        draw = np.random.default_rng(zlib.crc32(name.encode()))
        noise = draw.standard_normal((count, *shape)).astype(np.float32)
        write_whole(file, save({"noise": torch.from_numpy(noise)}))
        say(f"{name}: {list(noise.shape)}")
