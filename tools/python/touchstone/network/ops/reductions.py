"""One value of many."""

from .op import Op, aten

_DIMS = {"dims": "dimensions", "keepdim": "true or false"}

OPS = {
    "mean": Op(lambda tensors, a: aten.mean.dim(*tensors, a["dims"], a["keepdim"]), _DIMS),
    "sum": Op(lambda tensors, a: aten.sum.dim_IntList(*tensors, a["dims"], a["keepdim"]), _DIMS),
    "amax": Op(lambda tensors, a: aten.amax(*tensors, a["dims"], a["keepdim"]), _DIMS),
    "norm": Op(lambda tensors, a: aten.linalg_vector_norm(*tensors, 2, a["dims"], a["keepdim"]), _DIMS),
    "max": Op(
        lambda tensors, a: aten.max.dim(*tensors, a["dim"], a["keepdim"])[0],
        {"dim": "axis", "keepdim": "true or false"},
    ),
}
