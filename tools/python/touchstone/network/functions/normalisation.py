"""Normalisations."""

import torch

from .registry import require


def _batch_norm(
    e, input, running_mean, running_var, weight=None, bias=None, training=False, momentum=0.1, eps=1e-5,
    cudnn_enabled=True,
):  # fmt: skip
    affine = _affine(e, input, weight, bias)
    if not training:
        return e("batch_norm", input, running_mean, running_var, *affine, eps=float(eps))
    only = input.shape[0] == 1 and running_mean is None
    require(only, "without running statistics it depends on the batch, also in eval; that is not supported")
    return e("instance_norm", input, *affine, eps=float(eps))


def _torch_batch_norm(e, input, weight, bias, running_mean, running_var, training, momentum, eps, cudnn_enabled=True):
    return _batch_norm(e, input, running_mean, running_var, weight, bias, training, momentum, eps)


def _batch_norm_of_either(e, input, *args, **kwargs):
    """torch.batch_norm has its arguments in another order than torch.nn.functional's."""
    other_order = len(args) >= 8
    return (_torch_batch_norm if other_order else _batch_norm)(e, input, *args, **kwargs)


def _affine(e, input, weight, bias):
    """Both, or neither: one alone is given a neutral other."""
    if weight is None and bias is None:
        return []
    channels = [input.shape[1]]
    return [e.expand(1, channels) if weight is None else weight, e.expand(0, channels) if bias is None else bias]


def _layer_norm(e, input, normalized_shape, weight=None, bias=None, eps=1e-5, cudnn_enable=True):
    require(weight is not None or bias is None, "a bias without a weight is not supported")
    affine = [each for each in (weight, bias) if each is not None]
    return e("layer_norm", input, *affine, normalizedShape=_shape(normalized_shape), eps=float(eps))


def _rms_norm(e, input, normalized_shape, weight=None, eps=None):
    affine = [] if weight is None else [weight]
    eps = torch.finfo(input.dtype).eps if eps is None else eps
    return e("rms_norm", input, *affine, normalizedShape=_shape(normalized_shape), eps=float(eps))


def _shape(shape):
    return [int(size) for size in shape]


def _group_norm(e, input, num_groups, weight=None, bias=None, eps=1e-5, cudnn_enabled=True):
    return e("group_norm", input, *_affine(e, input, weight, bias), numGroups=int(num_groups), eps=float(eps))


def _instance_norm(
    e, input, running_mean=None, running_var=None, weight=None, bias=None, use_input_stats=True, momentum=0.1, eps=1e-5
):
    if not use_input_stats:
        return e("batch_norm", input, running_mean, running_var, *_affine(e, input, weight, bias), eps=float(eps))
    return e("instance_norm", input, *_affine(e, input, weight, bias), eps=float(eps))


def _local_response_norm(e, input, size, alpha=1e-4, beta=0.75, k=1.0):
    return e(
        "local_response_norm", input, size=int(size), alpha=float(alpha), beta=float(beta), k=float(k)
    )


HANDLERS = {
    "batch_norm": _batch_norm_of_either,
    "layer_norm": _layer_norm,
    "rms_norm": _rms_norm,
    "group_norm": _group_norm,
    "instance_norm": _instance_norm,
    "local_response_norm": _local_response_norm,
}
