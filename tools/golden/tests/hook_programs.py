"""Builds hook programs on networks of single numbers, and runs them."""

import torch
from torch import nn

from touchstone_golden.cases import reference

explain = reference("hooks").explain


def times(*factors):
    layers = [nn.Linear(1, 1, bias=False) for _ in factors]
    for layer, factor in zip(layers, factors):
        nn.init.constant_(layer.weight, factor)
    return nn.Sequential(*layers).double()


def hook(name, kind, at=None, *acts, **more):
    return {"name": name, "kind": kind, **({} if at is None else {"at": at}), "acts": list(acts), **more}


def scale(by, **more):
    return {"do": "scale", "by": by, **more}


def tensor_hook(of, name, *acts, **more):
    return {"do": "hook-tensor", "of": of, "hook": hook(name, "tensor", None, *acts), **more}


def register(what, **more):
    return {"do": "register", "hook": what, **more}


def remove(name, **more):
    return {"do": "remove", "hook": name, **more}


RUN, THROW = {"do": "run"}, {"do": "throw"}


def program(*steps, parameters=(), gradient=True):
    """Hooks among the steps are registered."""
    steps = [{"do": "register", "hook": step} if "kind" in step else step for step in steps]
    return {"inputGradient": gradient, "parameters": list(parameters), "steps": steps}


def trace(network, program, x=1.0, target=None):
    """The stages as text, `event value`, without the numbers, which must count from 0; the values of one event are
    joined.
    """
    x = torch.tensor(x, dtype=torch.float64)
    stages = explain(network, x.reshape(1, -1) if x.dim() < 2 else x, target or {"class": 0}, {"program": program}, {})
    sums = stages.pop("attribution").tolist()
    lines, numbers = [], []
    for name, t in stages.items():
        number, label = name[:4], name[5:]
        text = (
            label
            if label.startswith("threw") or label.endswith(" null")
            else f"{label} {','.join(f'{v:g}' for v in t.flatten().tolist())}"
        )
        if number in numbers:
            lines[-1] += " | " + text.rsplit(" ", 2)[1] + " " + text.rsplit(" ", 2)[2]
        else:
            numbers.append(number)
            lines.append(text)
    assert numbers == [f"{i:04}" for i in range(len(sums))]
    return lines


def names(lines):
    return [line.split("#")[0] for line in lines]
