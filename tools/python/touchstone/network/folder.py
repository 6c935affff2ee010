"""Writes a network's two files, both or neither."""

import json
import shutil
import tempfile
from pathlib import Path

import safetensors.torch

from .faults import ExportError

_FILES = {"network.json", "weights.safetensors"}


def write_folder(folder, description, weights, prove):
    """Writes to a temporary folder (no weights if they are None), calls `prove(written)`, and only then moves it to
    `folder`. Replaces an earlier export, nothing else. Raises ExportError also where the system refuses.
    """
    folder = Path(folder)
    try:
        _refuse_what_is_no_export(folder)
        _write(folder, description, weights, prove)
    except OSError as error:
        raise ExportError(f"{folder}: cannot be written: {error}; choose another folder") from error


def refuse_no_name(folder):
    """A folder that ends in its own name can be made, and gives the network one."""
    if Path(folder).name in ("", ".."):
        raise ExportError(f"folder {str(folder)!r} has no name of its own; give the path of a new folder")


def _refuse_what_is_no_export(folder):
    if folder.is_symlink():
        raise ExportError(f"{folder}: is a link, which would be replaced; give the folder that it leads to")
    if not folder.exists():
        return
    if not folder.is_dir() or not {file.name for file in folder.iterdir()} <= _FILES:
        raise ExportError(f"{folder}: exists and holds other files than a network; choose another folder")
    description = folder / "network.json"
    if any(folder.iterdir()) and not (description.is_file() and _is_network(description)):
        raise ExportError(f"{folder}: its network.json is not that of a network; choose another folder")


def _is_network(description):
    try:
        written = json.loads(description.read_text(encoding="utf-8"))
    except ValueError:
        return False
    return isinstance(written, dict) and written.get("format") == "touchstone-network"


def _write(folder, description, weights, prove):
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as temporary:
        written = Path(temporary) / "network"
        written.mkdir()
        (written / "network.json").write_text(_to_json(description), encoding="utf-8")
        if weights is not None:
            safetensors.torch.save_file(weights, written / "weights.safetensors")
        prove(written)
        if folder.exists():
            shutil.move(folder, Path(temporary) / "earlier")
        written.rename(folder)


def _to_json(description):
    """A line per field and per module, a line per call: readable, and small in a diff."""
    lines = []
    for path, row in description["modules"].items():
        text = json.dumps(row, ensure_ascii=False)
        if "calls" in row:
            calls = ",\n".join(f"      {json.dumps(call, ensure_ascii=False)}" for call in row["calls"])
            head = json.dumps({"type": row["type"], "inputs": row["inputs"]}, ensure_ascii=False)[:-1]
            rest = json.dumps({key: row[key] for key in ("output", "weights") if key in row}, ensure_ascii=False)[1:]
            text = f'{head}, "calls": [\n{calls}\n    ], {rest}'
        lines.append(f"    {json.dumps(path)}: {text}")
    fields = [
        f"  {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}"
        for key, value in description.items()
        if key != "modules"
    ]
    modules = ",\n".join(lines)
    return "{\n" + ",\n".join([*fields, f'  "modules": {{\n{modules}\n  }}']) + "\n}\n"
