"""`regen` writes goldens to a separate folder and compares them; `accept` moves the changed ones to golden/."""

import json
import os
import sys
from pathlib import Path

import torch
from safetensors.torch import load

from .cases import read_cases
from .maker import deterministic, errors, make_golden
from .manifest import write_manifest

SAME, WITHIN, DIFFERENT, NEW = "same bytes", "same within the recorded float32 error", "DIFFERENT", "new"


def regen(golden, out, pattern):
    """Makes the goldens of the matching cases in `out`; 1 if any differs from its golden or has none, else 0."""
    deterministic()
    counts = {}
    cases = read_cases(golden, pattern)
    for number, case in enumerate(cases, 1):
        made = make_golden(golden, case)
        verdict = compare(_data(golden, case.id), made)
        write_whole(_data(out, case.id), made)
        counts[verdict] = counts.get(verdict, 0) + 1
        risk = read_meta(made)["atRisk"]
        say(f"[{number}/{len(cases)}] {case.id}: {verdict}{f', {risk} units at risk' if risk else ''}")
    say(f"{', '.join(f'{n} {verdict}' for verdict, n in counts.items()) or 'no case matches'}; written to {out}")
    return int(bool(counts.get(DIFFERENT) or counts.get(NEW)))


def accept(golden, out, pattern, everything):
    """Moves what is new or DIFFERENT (`everything`: all but the same bytes) from `out` to `golden`, drops goldens
    without a row, rewrites the manifest.
    """
    moved = 0
    for case in read_cases(golden, pattern):
        source = _data(out, case.id)
        if not source.exists():
            continue
        verdict = compare(_data(golden, case.id), source.read_bytes())
        if verdict in (DIFFERENT, NEW) or (everything and verdict == WITHIN):
            write_whole(_data(golden, case.id), source.read_bytes())
            moved += 1
    rows = {_data(golden, case.id) for case in read_cases(golden)}
    stale = [file for file in (golden / "data").rglob("*.safetensors") if file not in rows]
    for file in stale:
        file.unlink()
    write_manifest(golden)
    say(f"{moved} goldens moved, {len(stale)} without a row removed, manifest.json rewritten")
    return 0


def compare(file, made):
    """How the bytes `made` compare with the golden in `file`."""
    if not file.exists():
        return NEW
    old = file.read_bytes()
    if old == made:
        return SAME
    before, after = read_meta(old), read_meta(made)
    if _structure(before) != _structure(after):
        return DIFFERENT
    old, made = load(old), load(made)
    if old.keys() != made.keys():
        return DIFFERENT
    for name, t in old.items():
        if name in before.get("claimed", {}):
            continue  # judged by postconditions, not by its numbers
        allowed = before["reference"].get(name.rsplit("/", 1)[-1], {})
        found = errors(made[name], t) if made[name].shape == t.shape else {"e2": float("inf")}
        # One float32 rounded to the other side is 2u off.
        if not all(found[k] <= max(allowed.get(k, 0), 2**-23) for k in found):
            return DIFFERENT
    return WITHIN


def read_meta(bytes_):
    """GoldenMeta of a golden's bytes."""
    size = int.from_bytes(bytes_[:8], "little")
    return json.loads(json.loads(bytes_[8 : 8 + size])["__metadata__"]["touchstone"])


def _structure(meta):
    sketch = [(s["module"], s["call"], s["shape"], s["indices"], s["gradient"] is None) for s in meta["sketch"]]
    large = meta.get("sampled"), meta.get("claimed"), meta.get("multiplyAdds")
    return meta["case"], meta["stages"], meta["atRisk"], meta["flips"], sketch, large


def _data(folder, case_id):
    return folder / "data" / f"{case_id}.safetensors"


def write_whole(file, content):
    """Writes `content` to a temporary file next to `file` and renames it into place."""
    file = Path(file)
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f".{file.name}.part")
    part.write_bytes(content)
    os.replace(part, file)


def say(text):
    """Progress, on stderr."""
    print(text, file=sys.stderr, flush=True)
