"""The same values in another shape or order."""

from .op import Op, aten


def _expand(tensors, a):
    shape = [tensors[1].shape[0] if size is None else size for size in a["shape"]]
    return aten.expand(tensors[0], shape)


FLATTEN = {"startDim": "dimension", "endDim": "dimension"}


def flatten(tensors, a):
    return aten.flatten.using_ints(*tensors, a["startDim"], a["endDim"])


OPS = {
    "cat": Op(lambda tensors, a: aten.cat(tensors, a["dim"]), {"dim": "dimension"}, (1, 10_000)),
    "flatten": Op(flatten, FLATTEN),
    "reshape": Op(lambda tensors, a: aten.reshape(*tensors, a["shape"]), {"shape": "shape of at most 8 sizes"}),
    "contiguous": Op(lambda tensors, a: tensors[0].contiguous(), {}),
    "permute": Op(lambda tensors, a: aten.permute(*tensors, a["dims"]), {"dims": "dimensions"}),
    "expand": Op(_expand, {"shape": "expansion to at most 8 sizes"}, (1, 2)),
    "select": Op(
        lambda tensors, a: aten.select.int(*tensors, a["dim"], a["index"]), {"dim": "axis", "index": "size"}
    ),
    "slice": Op(
        lambda tensors, a: aten.slice(*tensors, a["dim"], a["start"], a["end"], a["step"]),
        {"dim": "axis", "start": "size", "end": "size", "step": "count"},
    ),
    "index_select": Op(
        lambda tensors, a: aten.index_select(*tensors, a["dim"], _index(a["index"])),
        {"dim": "axis", "index": "indices"},
    ),
    "roll": Op(
        lambda tensors, a: aten.roll(*tensors, a["shifts"], a["dims"]),
        {"shifts": "integers", "dims": "dimensions, at least one"},
    ),
    "flip": Op(lambda tensors, a: aten.flip(*tensors, a["dims"]), {"dims": "dimensions, at least one"}),
}


def _index(values):
    import torch

    return torch.tensor(values, dtype=torch.long)
