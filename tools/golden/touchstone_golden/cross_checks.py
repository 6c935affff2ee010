"""Asks Captum, pytorch-grad-cam and zennit the same questions, in float64, and records agreements and reasons."""

import json
import warnings
from collections import Counter
from dataclasses import asdict, dataclass

import torch
from safetensors.torch import load

from .cases import REPOSITORY, read_cases, subject
from .disagreements import explanation
from .maker import deterministic, errors
from .regen import read_meta, say, write_whole
from .sampling import keep
from .cross_check_libraries import LIBRARIES

PAGE = REPOSITORY / "docs" / "cross-checks.md"


@dataclass
class Row:
    """One answer of one library. `e2` and `eMax` against the golden's stage, None where the library did not answer."""

    case: str
    library: str
    stage: str
    agrees: bool
    e2: float | None
    eMax: float | None
    why: str | None


def cross_checks(golden, pattern):
    """Asks about the matching cases; about all of them: writes cross-checks.json and the page. 1 where a disagreement
    has no explanation.
    """
    deterministic()
    warnings.simplefilter("ignore")
    rows = []
    for case in read_cases(golden, pattern):
        for row in _ask(golden, case):
            rows.append(row)
            say(
                f"{row.case}: {row.library}: {'agrees' if row.agrees else f'differs, e2 {row.e2}'} at "
                f"{row.stage}{'' if row.agrees else f': {row.why}'}"
            )
    unexplained = [row for row in rows if not row.agrees and row.why is None]
    for row in unexplained:
        say(f"UNEXPLAINED {row.case}: {row.library}, stage {row.stage}: e2 {row.e2}, eMax {row.eMax}")
    if pattern == "*" and not unexplained:
        write_whole(golden / "cross-checks.json", _lines([asdict(row) for row in rows]).encode())
        write_whole(PAGE, _page(rows, read_cases(golden)).encode())
    return int(bool(unexplained))


def _ask(golden, case):
    data = (golden / "data" / f"{case.id}.safetensors").read_bytes()
    meta, stages = read_meta(data), load(data)
    reference, sampled = meta["reference"], meta.get("sampled", {})
    stages = {stage: stages[stage].double() for stage in reference}
    shapes = {stage: tuple(sampled.get(stage, {"shape": t.shape})["shape"]) for stage, t in stages.items()}
    for name, ask in LIBRARIES.get(case.method, {}).items():
        on = subject(golden, case, torch.float64)
        for stage, answer in ask(on, case, stages).items():
            found = (
                errors(keep({stage: answer}, sampled)[stage], stages[stage])
                if answer.shape == shapes[stage]
                else dict.fromkeys(("e2", "eMax"), float("inf"))
            )
            agrees = found["e2"] <= max(16 * reference[stage]["e2"], 2**-19) and found["eMax"] <= 4 * max(
                16 * reference[stage]["eMax"], 2**-19
            )
            finite = {k: float(f"{v:.2e}") if v < float("inf") else None for k, v in found.items()}
            yield Row(
                case.id,
                name,
                stage,
                agrees,
                **finite,
                why=None if agrees else explanation(name, stage, subject(golden, case, torch.float64), case, answer),
            )


def _lines(rows):
    return "[\n" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n]\n"


def _page(rows, cases):
    methods = {case.id: case.method for case in cases}
    table, reasons, agreeing = {}, Counter(), {row.case: set() for row in rows}
    for row in rows:
        stage = "each layer" if methods[row.case] == "activations" else f"`{row.stage}`"
        cell = table.setdefault((methods[row.case], row.library, stage), [0, 0])
        cell[0 if row.agrees else 1] += 1
        if row.agrees:
            agreeing[row.case].add(row.library.split(".")[0])
        else:
            reasons[(row.library, row.why)] += 1
    return "\n".join(
        [
            "# Cross-checks",
            "",
            "The reference of a method is its `reference.py`. Three other libraries were asked the same questions in",
            "float64, with the same noise. This page is written by `python -m touchstone_golden cross-checks`; the",
            "numbers of each case are in `golden/cross-checks.json`. *Agrees* means: within the tolerance for ports.",
            "",
            "| method | library | stage | agrees | differs |",
            "|---|---|---|---|---|",
            *(f"| `{m}` | {w} | {s} | {yes} | {no} |" for (m, w, s), (yes, no) in table.items()),
            "",
            "## Every disagreement, explained",
            "",
            "Each reason is a small change of the reference, in `tools/golden/touchstone_golden/disagreements.py`. It",
            "counts only where the changed reference gives the library's answer.",
            "",
            "| library | answers | why |",
            "|---|---|---|",
            *(f"| {w} | {n} | {why} |" for (w, why), n in sorted(reasons.items())),
            "",
            "## Goldens with fewer than two agreeing libraries",
            "",
            "| method | one library agrees | none agrees |",
            "|---|---|---|",
            *_few(agreeing, methods),
            "",
            "These, and all goldens of methods that are not in the table because none of the libraries has them, "
            "rest on",
            "the reference, on the float64 backend, which is other code, and on the laws.",
            "",
        ]
    )


def _few(agreeing, methods):
    """A table row per method with such goldens: how many of those that were asked about."""
    counts = Counter((methods[case], len(libraries)) for case, libraries in agreeing.items())
    for method in dict.fromkeys(methods.values()):
        if counts[method, 0] + counts[method, 1] > 0:
            yield f"| `{method}` | {counts[method, 1]} | {counts[method, 0]} |"
