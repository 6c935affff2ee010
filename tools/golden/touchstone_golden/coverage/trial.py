"""One network: exported, its goldens made by PyTorch in float64, and judged on Touchstone's engines."""

import json
import subprocess
import time
import zlib

import numpy as np
import torch
from safetensors.torch import save_file

from touchstone.network.export import export_network
from touchstone.network.export_torchvision import draw_zeros
from touchstone.network.faults import ExportError

from ..cases import REPOSITORY, read_cases
from ..maker import make_golden
from ..manifest import write_manifest
from ..regen import write_whole

BACKENDS = ("float64", "wasm")
METHODS = ("saliency", "smooth-grad", "grad-cam")
_SAMPLES = 2
_DEADLINE_SECONDS = 3600
_IMAGES = 3
"""How many are tried: on some, float32 is on the other side of a switch point, PyTorch's or an engine's."""


def try_network(each, folder):
    """A row of the table: `{library, family, name, shape, weights, parameters, seconds, agreement}`, or with `reason`
    where it ended. Writes below `folder`, which is new.
    """
    start = time.monotonic()
    seed = zlib.crc32(each.name.encode())
    row = {"library": each.library, "family": each.family, "name": each.name, "shape": list(each.shape)}
    row["weights"] = each.weights
    module, x = _prepared(each, seed)
    row["parameters"] = sum(p.numel() for p in module.parameters())
    try:
        export_network(module, x, folder / "networks" / "n", why=f"{each.library}'s {each.name}, {each.weights}")
    except ExportError as error:
        return {**row, "reason": str(error)}
    del module
    for image in range(_IMAGES):
        try:
            _write_goldens(each, torch.randn_like(x) if image else x, seed, folder)
            write_manifest(folder)
            found = _verdict(folder)
        except ValueError as error:
            found = {"reason": str(error)}
        if _agrees(found):
            break
    return {**row, **found, "seconds": round(time.monotonic() - start, 1)}


def _agrees(found):
    outcomes = [each for methods in found.get("agreement", {}).values() for each in methods.values()]
    return outcomes != [] and all(each["status"] == "passed" for each in outcomes)


def _prepared(each, seed):
    """The module, with random weights as its library draws them or with its own, and an image."""
    torch.manual_seed(seed)
    module = each.make().eval()
    if each.weights == "random weights":
        draw_zeros(module)
    return module, torch.randn(1, *each.shape)


def _write_goldens(each, x, seed, folder):
    """Raises ValueError where PyTorch's float32 is too far off on this image."""
    _write_cases(each, x, seed, folder)
    for case in read_cases(folder):
        write_whole(folder / "data" / f"{case.id}.safetensors", make_golden(folder, case, stored=lambda t: t))


def _write_cases(each, x, seed, folder):
    for name in ("inputs", "fixtures", "data"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    save_file({"x": x}, folder / "inputs" / "x.safetensors")
    noise = np.random.default_rng(seed).standard_normal((_SAMPLES, *x.shape)).astype(np.float32)
    save_file({"noise": torch.from_numpy(noise)}, folder / "fixtures" / "noise.safetensors")
    extra = {
        "saliency": {"params": {"reduce": "none"}},
        "smooth-grad": {"params": {"samples": _SAMPLES}, "fixture": "noise"},
        "grad-cam": {"params": each.cam},
    }
    rows = [
        {
            "id": f"{method}/n/x",
            "method": method,
            "network": "n",
            "input": "x",
            "target": each.target,
            "profile": "quick",
            "why": "the table of networks",
            **extra[method],
        }
        for method in METHODS
    ]
    write_whole(folder / "cases.jsonl", "".join(json.dumps(row) + "\n" for row in rows).encode())


def _verdict(folder):
    """`agreement`: backend → method → {status, e2}."""
    command = ["node", REPOSITORY / "packages/cli/bin/touchstone.mjs", "verify", "--golden", folder, "--json", "-"]
    command += ["--deadline", str(_DEADLINE_SECONDS)]
    for backend in BACKENDS:
        command += ["--backend", backend]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = [json.loads(line) for line in ran.stdout.splitlines() if line.startswith("{")]
    outcomes = [line for line in lines if line.get("kind") == "outcome"]
    if len(outcomes) != len(BACKENDS) * len(METHODS):
        return {"reason": (ran.stderr.strip().splitlines() or ["no answer"])[-1]}
    agreement = {backend: {} for backend in BACKENDS}
    for line in outcomes:
        found = {"status": line["status"], "e2": line.get("e2"), "reason": line.get("reason")}
        agreement[line["backend"]][line["method"]] = found
    return {"agreement": agreement}
