"""Makes goldens: each case's reference in float64 and float32, with the error of the latter and the distance to kinks."""

import json
from contextlib import nullcontext

import torch
from safetensors.torch import save

from .cases import reference, subject
from .margins import margins
from .sketch import leaf_calls, sketch
from .watch import watch

MOST_FLIPS = 8
MOST_FLIP_BYTES = 2 * 2**20
"""Alternatives that would take more are not stored; the harness arbitrates such a case in float64."""
MOST_TRIALS = 24
"""Units at risk that are tried one by one, to see whether flipping them reaches the answer."""
REACHES = 32 * 2**-24
"""A flip that moves no stage by more than this, in either norm, does not reach the answer."""


def make_golden(golden, case):
    """The bytes of `data/<case id>.safetensors`."""
    method = reference(case.method)
    wide, narrow = (subject(golden, case, dtype) for dtype in (torch.float64, torch.float32))

    def explain(on):
        return method.explain(on.network, on.x, case.target, case.params, on.fixtures)

    sketched = getattr(method, "SKETCHED", True)
    with watch(wide.network) as exact, leaf_calls(wide.network) if sketched else nullcontext([[]]) as passes:
        stages = explain(wide)
    with watch(narrow.network) as single:
        stages32 = explain(narrow)
    smallest, units = margins(exact, single, getattr(method, "RELU_HAS_KINK", True))
    if not sketched:  # watching is done by hooks, which a trace may show
        if units:
            raise ValueError(f"{case.id}: {len(units)} units at risk; choose another program or input")
        stages, stages32 = explain(wide), explain(narrow)
    flips, single_mask = [], stages
    if len(units) <= MOST_TRIALS:
        for unit in units:
            with watch(wide.network, [unit.nudge]):
                flips.append((unit, explain(wide)))
        flips = [(unit, other) for unit, other in flips if _moved(other, stages)]
        units = [unit for unit, _ in flips]
    if crossed := [unit.nudge for unit in units if unit.crossed]:
        with watch(wide.network, crossed):
            single_mask = explain(wide)
    alternatives = [{name: t.float() for name, t in other.items() if _moved({name: t}, stages)} for _, other in flips]
    if len(units) > MOST_FLIPS or sum(t.nbytes for other in alternatives for t in other.values()) > MOST_FLIP_BYTES:
        flips, alternatives = [], []
    rows, tensors = sketch(passes)
    for name, t in stages.items():
        if not t.isfinite().all():
            raise ValueError(f"{case.id}: stage {name!r} is not finite")
        if not t.any() and stages32[name].any():
            raise ValueError(f"{case.id}: stage {name!r} is zero in float64 but not in float32; choose another input")
    meta = {
        "case": case.id,
        "stages": list(stages),
        "reference": {name: errors(stages32[name], t) for name, t in single_mask.items()},
        "margin": smallest,
        "atRisk": len(units),
        "flips": [{"module": u.module, "call": u.call, "index": u.index} for u, _ in flips],
        "sketch": rows,
        "torch": torch.__version__,
    }
    tensors |= stages
    tensors = {name: t.double() for name, t in tensors.items()}
    for i, other in enumerate(alternatives):
        tensors |= {f"flip/{i}/{name}": t for name, t in other.items()}
    tensors = {name: t.detach().contiguous().clone() for name, t in tensors.items()}
    return save(tensors, {"touchstone": json.dumps(meta, separators=(",", ":"), allow_nan=False)})


def errors(actual, golden):
    """`e2 = ‖x−r‖₂/‖r‖₂` and `eMax = max|x−r|/max|r|`, in float64; of an all-zero golden 0 or ∞."""
    x, r = actual.double().flatten(), golden.double().flatten()
    if x.shape != r.shape:
        raise ValueError(f"shapes differ: {tuple(actual.shape)} and {tuple(golden.shape)}")
    if not r.any():
        worst = float("inf") if x.any() else 0.0
        return {"e2": worst, "eMax": worst}
    return {"e2": float((x - r).norm() / r.norm()), "eMax": float((x - r).abs().max() / r.abs().max())}


def _moved(other, stages):
    return any(max(errors(t, stages[name]).values()) > REACHES for name, t in other.items())


def deterministic():
    """One thread and deterministic kernels, so that the same machine makes the same bytes."""
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
