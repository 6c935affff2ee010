"""Tensors to and from safetensors files, and ports that answer by files."""

import json
import os
import sys
import traceback
from pathlib import Path

import numpy as np
import safetensors.numpy

from .job import Job
from .port import Unsupported


def read_inputs(file, port, change=np.array):
    """`(x, fixtures)` of a file, as the port's arrays; `change` makes its own copy of each."""
    arrays = {name: change(array) for name, array in safetensors.numpy.load_file(file).items()}
    if port.arrays == "torch":
        import torch

        arrays = {name: torch.from_numpy(array) for name, array in arrays.items()}
    return arrays.pop("x", None), arrays


def write_stages(file, stages):
    """Writes the file whole, or not at all."""
    file = Path(file)
    part = file.with_name(f".{file.name}.part")
    safetensors.numpy.save_file(stages, part)
    os.replace(part, file)


def answer_export(port, exported, outputs):
    """Answers the cases that `touchstone verify --export EXPORTED` wrote, for `touchstone verify --outputs OUTPUTS`;
    returns how many. A case that the port cannot answer has no output, and stderr says why.
    """
    exported, networks, answered = Path(exported), port.as_networks(), 0
    for line in (exported / "cases.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        x, fixtures = read_inputs(exported / row["inputs"], port, lambda array: _to_form(array, port))
        job = Job(
            case=row["id"], method=row["method"], network=networks[exported / "networks" / row["network"]], x=x,
            fixtures=fixtures, target=row["target"], params=row["params"], want=row["stages"], required=row["required"],
        )  # fmt: skip
        try:
            stages = port.answer(job)
        except Unsupported as reason:
            print(f"{row['id']}: {reason}", file=sys.stderr)
        except Exception:  # the port's own code may raise anything
            print(f"{row['id']}:\n{traceback.format_exc()}", file=sys.stderr)
        else:
            (folder := Path(outputs) / row["id"]).mkdir(parents=True, exist_ok=True)
            write_stages(folder / "outputs.safetensors", {name: _to_nchw(each, port) for name, each in stages.items()})
            answered += 1
    return answered


def _to_form(array, port):
    """An array of an export, NCHW float32, as the port declares it. Of 5-D arrays, such as noise, the last three axes
    change.
    """
    moved = np.moveaxis(array, -3, -1) if port.layout == "NHWC" and array.ndim in (4, 5) else array
    return np.array(moved, port.dtype, order="C")


def _to_nchw(array, port):
    return np.ascontiguousarray(np.moveaxis(array, -1, -3)) if port.layout == "NHWC" and array.ndim in (4, 5) else array
