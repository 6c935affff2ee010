"""The rules of `network.json`, checked before anything is built from it."""

from .faults import NetworkError
from .operations import LEAVES, OPS, check_attributes
from .ops import TABLE
from .preprocessing import check_preprocess

_REQUIRED = {"format", "version", "name", "why", "input", "modules"}
_OPTIONAL = {"preprocess", "classes", "heads", "weights"}


def check_description(description):
    """Raises NetworkError, naming the field, unless `description` (parsed JSON) is a network."""
    _keys(description, _REQUIRED, _OPTIONAL, "network.json")
    if description["format"] != "touchstone-network" or description["version"] != 1:
        raise NetworkError("network.json: format must be touchstone-network, version 1")
    if not isinstance(description["name"], str) or not isinstance(description["why"], str):
        raise NetworkError("network.json: name and why must be strings")
    if not 1 <= len(description["name"]) <= 200:
        raise NetworkError("network.json: name must have 1 to 200 characters")
    _keys(description["input"], {"shape"}, set(), "input")
    check_attributes({"shape": "three sizes"}, description["input"], "input")
    if "preprocess" in description:
        check_preprocess(description["preprocess"], description["input"]["shape"])
    if "classes" in description and not _strings(description["classes"]):
        raise NetworkError("classes: must be a list of strings")
    if "heads" in description:
        _check_heads(description["heads"])
    if "weights" in description:
        _check_weights(description["weights"])
    modules = description["modules"]
    if (
        not isinstance(modules, dict)
        or not all(isinstance(row, dict) for row in modules.values())
        or "alias" in modules.get("", {"alias": ""})
    ):
        raise NetworkError('modules: must be an object of objects, with "" for the network itself')
    for path, row in modules.items():
        _check_module(path, row, modules)
    if len(modules[""].get("inputs", ())) != 1:
        raise NetworkError('modules: "" must be a container with one input')
    _check_no_cycle("", modules, (), set())


def _check_heads(heads):
    if not isinstance(heads, list) or len(heads) < 2:
        raise NetworkError("heads: must be a list of at least two outputs")
    for head in heads:
        _keys(head, {"name", "size"}, set(), "heads")
        if (
            not isinstance(head["name"], str)
            or not 1 <= len(head["name"]) <= 100
            or [each.get("name") for each in heads].count(head["name"]) > 1
        ):
            raise NetworkError(
                f"heads: each must have a unique name of 1 to 100 characters, found {head['name']!r}"
            )
        if type(head["size"]) is not int or not 1 <= head["size"] <= 100_000:
            raise NetworkError(f"heads: the size of {head['name']!r} must be 1 to 100000, found {head['size']!r}")


def _check_weights(weights):
    _keys(weights, {"generator", "seed"}, set(), "weights")
    if weights["generator"] != "philox4x32-10":
        raise NetworkError(f"weights: generator must be philox4x32-10, found {weights['generator']!r}")
    if type(weights["seed"]) is not int or not 0 <= weights["seed"] < 2**32:
        raise NetworkError(f"weights: seed must be an integer from 0 to 2³²−1, found {weights['seed']!r}")


def _check_module(path, row, modules):
    where = f"module {path!r}"
    if "alias" in row:
        _keys(row, {"alias"}, set(), where)
        if "alias" in modules.get(row["alias"], {"alias": ""}):
            raise NetworkError(f"{where}: alias {row['alias']!r} is not a module, or is itself an alias")
        return
    if "attributes" in row:
        _keys(row, {"type", "attributes"}, set(), where)
        if row["type"] not in LEAVES:
            raise NetworkError(f"{where}: type {row['type']!r} is not one of {', '.join(LEAVES)}")
        check_attributes(LEAVES[row["type"]], row["attributes"], where)
        return
    _keys(row, {"type", "inputs", "calls", "output"}, {"weights"}, where)
    if (
        not isinstance(row["type"], str)
        or not _strings(row["inputs"])
        or not row["inputs"]
        or not isinstance(row["calls"], list)
    ):
        raise NetworkError(f"{where}: type must be a string, inputs a list of names, calls a list")
    _check_own_weights(row.get("weights", {}), where)
    known = set(row["inputs"])
    for call in row["calls"]:
        _check_call(call, known, modules, where)
        known.add(call["name"])
    if row["output"] not in known:
        raise NetworkError(f"{where}: output {row['output']!r} is not a value")


def _check_own_weights(weights, where):
    sizes = {"shape": "sizes"}
    if not isinstance(weights, dict) or not all(name and "." not in name for name in weights):
        raise NetworkError(f"{where}: weights must be an object of shapes, by names without a full stop")
    for name, shape in weights.items():
        check_attributes(sizes, {"shape": shape}, f"{where}, weight {name!r}")


_KINDS_OF_CALL = {"module": {"args"}, "op": {"args", "attributes"}, "weight": set(), "number": set()}


def _check_call(call, known, modules, where):
    kind = next((each for each in _KINDS_OF_CALL if isinstance(call, dict) and each in call), "op")
    _keys(call, {"name", kind, *_KINDS_OF_CALL[kind]}, set(), where)
    if not isinstance(call["name"], str) or call["name"] in known:
        raise NetworkError(f"{where}: the name {call['name']!r} is used twice")
    where = f"{where}: call {call['name']!r}"
    if kind == "number":
        check_attributes({"number": "number"}, {"number": call["number"]}, where)
    elif kind == "weight":
        _check_weight(call["weight"], modules, where)
    else:
        _check_operands(call, kind, known, modules, where)


def _check_weight(name, modules, where):
    path = name.rpartition(".")[0] if isinstance(name, str) else None
    row = modules.get(path)
    if row is None or "alias" in row or ("calls" in row and name.rpartition(".")[2] not in row.get("weights", {})):
        raise NetworkError(f"{where} names no tensor of a module: {name!r}")


def _check_operands(call, kind, known, modules, where):
    if not _strings(call["args"]) or not call["args"] or not known.issuperset(call["args"]):
        raise NetworkError(f"{where} has no arguments or unknown ones: {call['args']!r}")
    if kind == "module":
        called = modules.get(call["module"]) if isinstance(call["module"], str) else None
        if called is None or "alias" in called:
            raise NetworkError(f"{where} names no module (or an alias): {call['module']!r}")
        fewest = most = len(called.get("inputs", "1"))
    else:
        if call["op"] not in OPS:
            raise NetworkError(f"{where} has op {call['op']!r}, which is not one of {', '.join(OPS)}")
        check_attributes(OPS[call["op"]], call["attributes"], where)
        fewest, most = TABLE[call["op"]].inputs
    if not fewest <= len(call["args"]) <= most:
        expected = fewest if fewest == most else f"{fewest} to {most}"
        raise NetworkError(f"{where} takes {expected} arguments, found {len(call['args'])}")


def _check_no_cycle(path, modules, above, clear):
    if path in above:
        raise NetworkError(f"module {path!r} calls itself")
    if path in clear:
        return
    for inner in {call["module"] for call in modules[path].get("calls", ()) if "module" in call}:
        _check_no_cycle(inner, modules, (*above, path), clear)
    clear.add(path)


def _strings(value):
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _keys(value, required, optional, where):
    if not isinstance(value, dict) or not required <= set(value) <= required | optional:
        found = sorted(value) if isinstance(value, dict) else value
        raise NetworkError(f"{where}: must have {sorted(required)}, may have {sorted(optional)}, found {found!r}")
