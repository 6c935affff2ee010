"""Which recorded calls matter, and which output of a module is the one that its callers use."""


def settle(runs, output):
    """Marks what the network's `output` needs, and all calls of modules and in place. The modules of which several
    outputs are used.
    """
    calls = [call for several in runs.values() for recorder, _ in several for call in recorder.calls]
    modules = [call for call in calls if "module" in call.row]
    waiting = [output]
    for call in calls:
        if "module" in call.row or call.row.get("attributes", {}).get("inplace"):
            _touch(call, waiting)
    _spread(waiting)
    for call in modules:
        if not call.used:
            call.used.add(0)
            _spread([*call.outputs[:1]])
    return {
        several[0][0].module
        for path, several in runs.items()
        if path and len(set().union(*(call.used for _, call in several))) > 1
    }


def _touch(call, waiting):
    if not call.live:
        call.live = True
        waiting.extend(call.args)


def _spread(waiting):
    while waiting:
        value = waiting.pop()
        call = value.call
        if call is None:
            continue
        _touch(call, waiting)
        if value.index not in call.used:
            call.used.add(value.index)
            waiting.extend(call.outputs[value.index : value.index + 1])
