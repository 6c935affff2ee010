"""Normalisations."""

from .op import Op, aten, optional

_EPS = {"eps": "number of at least 0"}
_LAYER = {"normalizedShape": "counts", **_EPS}


def _batch_norm(tensors, a):
    x, mean, variance, weight, bias = optional(tensors, 5)
    return aten.batch_norm(x, weight, bias, mean, variance, False, 0.0, a["eps"], False)


def _instance_norm(tensors, a):
    x, weight, bias = optional(tensors, 3)
    return aten.instance_norm(x, weight, bias, None, None, True, 0.0, a["eps"], False)


def _local_response_norm(tensors, a):
    """As torch.nn.functional.local_response_norm: the mean of squares over neighbouring channels, padded by zeros."""
    (x,) = tensors
    size = a["size"]
    padding = [size // 2, (size - 1) // 2]
    if x.dim() == 3:
        squares = aten.constant_pad_nd(aten.unsqueeze(aten.mul(x, x), 1), [0, 0, *padding])
        means = aten.squeeze.dim(aten.avg_pool2d(squares, [size, 1], [1, 1]), 1)
    else:
        n, c, height = x.shape[:3]
        squares = aten.view(aten.mul(x, x), [n, 1, c, height, -1])
        squares = aten.constant_pad_nd(squares, [0, 0, 0, 0, *padding])
        means = aten.view(aten.avg_pool3d(squares, [size, 1, 1], [1, 1, 1]), x.shape)
    return aten.div(x, aten.pow(aten.add(aten.mul(means, a["alpha"]), a["k"]), a["beta"]))


def _layer_norm(tensors, a):
    return aten.layer_norm(tensors[0], a["normalizedShape"], *optional(tensors[1:], 2), a["eps"], False)


OPS = {
    "batch_norm": Op(_batch_norm, _EPS, (3, 5)),
    "layer_norm": Op(_layer_norm, _LAYER, (1, 3)),
    "rms_norm": Op(
        lambda tensors, a: aten.rms_norm(tensors[0], a["normalizedShape"], *optional(tensors[1:], 1), a["eps"]),
        _LAYER,
        (1, 2),
    ),
    "group_norm": Op(
        lambda tensors, a: aten.group_norm(tensors[0], a["numGroups"], *optional(tensors[1:], 2), a["eps"], False),
        {"numGroups": "count", **_EPS},
        (1, 3),
    ),
    "instance_norm": Op(_instance_norm, _EPS, (1, 3)),
    "local_response_norm": Op(
        _local_response_norm, {"size": "count", "alpha": "number", "beta": "number", "k": "number"}
    ),
}
