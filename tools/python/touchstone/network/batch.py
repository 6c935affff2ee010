"""Two traces of one container, of 2 and of 3 images, as one row that holds for every number of images."""

from .functions import Unsupported


def merged_calls(first, second):
    """`calls` of the row. `first` and `second`: pairs (recorder, images). Raises Unsupported, and gives the call at
    which they differ as its second argument.
    """
    pairs = list(zip(live(first[0]), live(second[0]), strict=False))
    if len(live(first[0])) != len(live(second[0])):
        raise Unsupported("its calls depend on the batch", None)
    return [row for a, b in pairs for row in _merged(a, b, first, second)]


def live(recorder):
    return [call for call in recorder.calls if call.live]


def row_of(call):
    args = [value.name for value in call.args]
    row = {"name": call.name, **call.row}
    if "op" in row:
        return {"name": call.name, "op": row["op"], "args": args, "attributes": row["attributes"]}
    return {**row, "args": args} if "module" in row else row


def _merged(a, b, first, second):
    x, y = row_of(a), row_of(b)
    if x == y:
        return _constant(x, a, b, first, second)
    if x.get("op") in ("reshape", "expand") and {**x, "attributes": 0} == {**y, "attributes": 0}:
        shapes = x["attributes"]["shape"], y["attributes"]["shape"]
        differ = [place for place, (m, n) in enumerate(zip(*shapes, strict=False)) if m != n]
        if len(shapes[0]) == len(shapes[1]) and len(differ) == 1:
            (place,) = differ
            if x["op"] == "reshape":
                return [{**x, "attributes": {"shape": [*shapes[0][:place], -1, *shapes[0][place + 1 :]]}}]
            if (shapes[0][place], shapes[1][place]) == (first[1], second[1]):
                shape = [*shapes[0][:place], None, *shapes[0][place + 1 :]]
                return [{**x, "args": [*x["args"], _of_batch(a, b, first, second)], "attributes": {"shape": shape}}]
    raise Unsupported("it depends on the batch; write the number of images as x.size(0), and nothing else of it", a)


def _constant(row, a, b, first, second):
    """A constant of the same values for each image is kept for one, and expanded."""
    sizes = [(each[0].constants.get(row.get("weight", "").rpartition(".")[2]), each[1]) for each in (first, second)]
    if any(constant is None for constant, _ in sizes) or a.value.shape == b.value.shape:
        return [row]
    if not all(constant.shape[:1] == (images,) and (constant == constant[:1]).all() for constant, images in sizes):
        raise Unsupported("a constant depends on the batch", a)
    of_one, shape = f"{row['name']}.1", [None, *[-1] * (len(a.value.shape) - 1)]
    args = [of_one, _of_batch(a, b, first, second)]
    return [
        {**row, "name": of_one},
        {"name": row["name"], "op": "expand", "args": args, "attributes": {"shape": shape}},
    ]


def one_image(first, second):
    """A constant as it is kept: of two that differ in the number of images, the part for one."""
    return first if first.shape == second.shape else first[:1]


def _of_batch(a, b, first, second):
    """The name of a value before `a` whose first size is the number of images."""
    for inner, outer in zip(_before(first[0], a), _before(second[0], b), strict=True):
        if inner.shape[:1] == (first[1],) and outer.shape[:1] == (second[1],):
            return inner.name
    raise Unsupported("it takes the number of images from elsewhere", a)


def _before(recorder, call):
    calls = live(recorder)
    return [*recorder.inputs, *(each.value for each in calls[: calls.index(call)] if each.value)]
