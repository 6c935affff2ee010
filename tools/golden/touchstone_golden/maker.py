"""Makes goldens: each case's reference in float64 and float32, float32's error, and the distance to switch points."""

import json
from contextlib import nullcontext

import torch
from safetensors.torch import save

from .cases import reference, subject
from .comparison import compared_stages, one_run
from .margins import margins
from .sampling import keep, narrowed, samplings
from .sketch import leaf_calls, sketch
from .watch import watch
from .work import counted_work

MAX_FLIPS = 8
MAX_FLIP_BYTES = 2 * 2**20
"""Alternatives that would take more (for a sampled case, an eighth of it) are not stored; the harness arbitrates such a
case in float64.
"""
MAX_POSTCONDITION_VALUES = 1024
"""A stage that postconditions judge is stored up to this many values."""
MAX_TRIALS = 24
"""Up to this many units at risk are tried one by one, to see whether flipping them reaches the answer."""
MAX_ERROR = 1e-4
"""A golden with a larger float32 error is refused: its bounds, 16 times that, would accept wrong answers."""
MORE_RUNS = 3
"""Runs in float32 on an input whose values are moved by at most a rounding. One run alone may be right by luck: of a
map with four values, or where large summands cancel.
"""
REACHES = 32 * 2**-24
"""A flip that moves no stage by more than this, in either norm, does not reach the answer."""


def make_golden(golden, case, *, stored=narrowed):
    """The bytes of `data/<case id>.safetensors`. `stored`: float64 tensor → as it is stored."""
    method = reference(case.method)
    claimed = getattr(method, "POSTCONDITION_STAGES", ())
    wide, narrow = (subject(golden, case, dtype) for dtype in (torch.float64, torch.float32))

    def explain(on):
        with one_run():
            return method.explain(on.network, on.x, case.target, case.params, on.fixtures)

    sketched = getattr(method, "SKETCHED", True)
    work = counted_work() if claimed or case.sampled else None
    with watch(wide.network) as exact, leaf_calls(wide.network) if sketched else nullcontext([[]]) as passes:
        answer = explain(wide)
    with watch(narrow.network) as single, work or nullcontext():
        answer32 = explain(narrow)
    smallest, units = margins(exact, single, getattr(method, "RELU_HAS_SWITCH_POINT", True))
    if not sketched:  # watching is done by hooks, which a trace may show
        if units:
            raise ValueError(f"{case.id}: {len(units)} units at risk; choose another program or input")
        answer, answer32 = explain(wide), explain(narrow)
    _check(case, answer, answer32, claimed)
    if case.about != "every stage" and (unknown := [name for name in case.about if name not in answer]):
        raise ValueError(f"{case.id}: it is about the stages {unknown}, but the reference gives {list(answer)}")
    for on, found in ((wide, answer), (narrow, answer32)) if claimed else ():
        _check_postconditions(case, method, on, found)

    sampled = samplings({name: t for name, t in answer.items() if name not in claimed}) if case.sampled else {}

    def compared(stages):
        return keep({name: t for name, t in stages.items() if name not in claimed}, sampled)

    def nudged(nudges):
        with watch(wide.network, nudges):
            return compared(
                compared_stages(lambda: method.explain(wide.network, wide.x, case.target, case.params, wide.fixtures))
            )

    stages, stages32 = compared(answer), compared(answer32)
    flips, single_mask = [], stages
    if len(units) <= MAX_TRIALS:
        flips = [(unit, nudged([unit.nudge])) for unit in units]
        flips = [(unit, other) for unit, other in flips if _moved(other, stages)]
        units = [unit for unit, _ in flips]
    if crossed := [unit.nudge for unit in units if unit.crossed]:
        single_mask = nudged(crossed)
    alternatives = [{name: t.float() for name, t in other.items() if _moved({name: t}, stages)} for _, other in flips]
    if len(units) > MAX_FLIPS or sum(t.nbytes for other in alternatives for t in other.values()) > MAX_FLIP_BYTES // (
        8 if case.sampled else 1
    ):
        flips, alternatives = [], []
    runs = [{name: errors(stages32[name], t) for name, t in single_mask.items()}]
    if not claimed and sketched:
        for other in _more_runs(method, case, narrow, exact):
            runs.append({name: errors(t, stages[name]) for name, t in compared(other).items()})
    rows, tensors = sketch(passes, case.sampled)
    meta = {
        "case": case.id,
        "stages": list(answer),
        "reference": _reference(case, runs),
        **({"sampled": sampled} if sampled else {}),
        **({"claimed": {name: list(answer[name].shape) for name in answer if name in claimed}} if claimed else {}),
        **(
            {
                "multiplyAdds": work.multiply_adds
                + getattr(method, "uncounted_work", lambda *_: 0)(narrow.x, case.params)
            }
            if work
            else {}
        ),
        "margin": smallest,
        "atRisk": len(units),
        "flips": [{"module": u.module, "call": u.call, "index": u.index} for u, _ in flips],
        "sketch": rows,
        "torch": torch.__version__,
    }
    tensors |= stages
    tensors |= {name: answer[name] for name in claimed if answer[name].numel() <= MAX_POSTCONDITION_VALUES}
    tensors = {name: stored(t) for name, t in tensors.items()}
    for i, other in enumerate(alternatives):
        tensors |= {f"flip/{i}/{name}": t for name, t in other.items()}
    tensors = {name: t.detach().contiguous().clone() for name, t in tensors.items()}
    return save(tensors, {"touchstone": json.dumps(meta, separators=(",", ":"), allow_nan=False)})


def _more_runs(method, case, narrow, exact):
    """The answers in float32 for inputs that differ by a rounding, without those where a unit changes its side."""
    draw = torch.Generator().manual_seed(0)
    for _ in range(MORE_RUNS):
        values, which = narrow.x.unique(return_inverse=True)  # equal values stay equal, for ties and differences of 0
        moved = (values * (1 + 2**-24 * (2 * torch.rand(values.shape, generator=draw) - 1)))[which]
        with watch(narrow.network) as calls, one_run():
            answer = method.explain(narrow.network, moved, case.target, case.params, narrow.fixtures)
        _, units = margins(exact, calls, getattr(method, "RELU_HAS_SWITCH_POINT", True))
        if not any(unit.crossed for unit in units):
            yield answer


def _reference(case, runs):
    """Stage → float32's error, the largest of the runs. Raises ValueError where it is too large to judge by."""
    found = {name: {kind: max(run[name][kind] for run in runs) for kind in runs[0][name]} for name in runs[0]}
    stage = max(found, key=lambda name: max(found[name].values()))
    if (worst := max(found[stage].values())) > MAX_ERROR:
        raise ValueError(
            f"{case.id}: float32 is off by {worst:.1e} at stage {stage!r}, at most {MAX_ERROR} is allowed; choose "
            "another input, target or parameters"
        )
    return found


def _check(case, answer, answer32, claimed):
    """Raises ValueError for stages that a golden cannot hold."""
    if missing := [name for name in claimed if name not in answer]:
        raise ValueError(f"{case.id}: POSTCONDITION_STAGES names {missing}, but the reference gives no such stages")
    for name, t in answer.items():
        if not t.isfinite().all():
            raise ValueError(f"{case.id}: stage {name!r} is not finite")
        if name not in claimed and not t.any() and answer32[name].any():
            raise ValueError(f"{case.id}: stage {name!r} is zero in float64 but not in float32; choose another input")


def _check_postconditions(case, method, on, answer):
    """Raises ValueError if PyTorch's own answer breaks a postcondition of the method."""
    found = method.postconditions(on.network, on.x, case.target, case.params, on.fixtures, answer)
    if broken := [name for name, holds in found.items() if not holds]:
        raise ValueError(
            f"{case.id}: PyTorch's own answer in {on.x.dtype} breaks the postconditions {broken}; "
            "choose another input or other parameters"
        )
    if not found:
        raise ValueError(f"{case.id}: POSTCONDITION_STAGES is set, but the reference has no postconditions")


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
