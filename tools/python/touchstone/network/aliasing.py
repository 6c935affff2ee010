"""Checks that the format gives the same values as PyTorch's in-place operations.

In PyTorch `a += b` changes the memory of `a`, and flattening shares it; the format writes a plain `add`, and its
`flatten` makes a new value. Both are right only if nothing reads the changed memory under an older name.
"""

from .faults import ExportError

_HANDS_ON = ("Identity", "Dropout", "dropout")
_VIEWS = ("Flatten", "flatten")


def check_aliasing(modules, inplace_adds):
    """`modules`: the rows of `network.json`; `inplace_adds`: the pairs (path, call name) that were `+=`. Raises
    ExportError.
    """
    returned = {}

    def summary(path):
        """The input that the container at `path` returns as its output, or None."""
        if path not in returned:
            returned[path] = _check_container(path, modules, inplace_adds, summary)
        return returned[path]

    summary("")


def _check_container(path, modules, inplace_adds, summary):
    row = modules[path]
    memory = {name: ("input", name) for name in row["inputs"]}
    for position, call in enumerate(row["calls"]):
        kind, inplace = _operation(call, modules)
        source = memory[call["args"][0]]
        inner = summary(call["module"]) if "module" in call and "calls" in modules[call["module"]] else None
        if (path, call["name"]) in inplace_adds:
            _refuse_older_names(path, call, source, memory, row, position, "+= changes a tensor")
            memory[call["name"]] = ("value", call["name"])
        elif inner is not None:
            memory[call["name"]] = memory[call["args"][inner]]
        elif kind in _VIEWS:
            memory[call["name"]] = (*source, "view")
        elif kind in _HANDS_ON or inplace:
            if inplace and "view" in source:
                _refuse_older_names(
                    path, call, source, memory, row, position, "an in-place ReLU changes a flattened view of a tensor"
                )
            memory[call["name"]] = source
        else:
            memory[call["name"]] = ("value", call["name"])
    origin = memory[row["output"]]
    return row["inputs"].index(origin[1]) if origin[0] == "input" else None


def _operation(call, modules):
    if "op" in call:
        return call["op"], call["op"] in ("relu", "relu6") and call["attributes"]["inplace"]
    row = modules[call["module"]]
    return row["type"], row["type"] in ("ReLU", "ReLU6") and row.get("attributes", {}).get("inplace", False)


def _refuse_older_names(path, call, source, memory, row, position, what):
    older = {name for name, place in memory.items() if place[:2] == source[:2]}
    if "view" in source:
        older -= {name for name, place in memory.items() if place == source}
    used = [name for later in row["calls"][position + 1 :] for name in later["args"] if name in older]
    if source[0] == "input" or used or row["output"] in older:
        reader = "the caller" if source[0] == "input" else "a later step"
        raise ExportError(
            f"{path or 'the network'}: {call['name']} (from {call['args'][0]}): {what} that {reader} can still see; "
            "write it out of place (a = a + b, inplace=False)"
        )
