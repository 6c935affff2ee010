"""The same values in another shape or order."""

import math

import torch

from .registry import Unsupported, dim_of, dims_of, require, sizes_of


def _cat(e, tensors, dim=0, *, axis=None):
    return e("cat", *tensors, dim=dim if axis is None else axis)


def _stack(e, tensors, dim=0):
    dim = dim_of(dim, tensors[0].dim() + 1)
    return e("cat", *(_unsqueeze(e, tensor, dim) for tensor in tensors), dim=dim)


def _flatten(e, input, start_dim=0, end_dim=-1):
    return e("flatten", input, startDim=int(start_dim), endDim=int(end_dim))


def _reshape(e, input, *shape, **kwargs):
    """As `flatten` where each image becomes a row."""
    if isinstance(kwargs.get("dtype", shape[:1] and shape[0]), torch.dtype):
        raise Unsupported("a view as another type is not supported")
    sizes = sizes_of(shape or (kwargs.get("shape", kwargs.get("size")),))
    known = math.prod(size for size in sizes if size != -1)
    sizes = [input.numel() // known if size == -1 else size for size in sizes]
    if len(sizes) == 2 and sizes[0] == input.shape[0] and input.dim() >= 2:
        return e("flatten", input, startDim=1, endDim=-1)
    return _to_shape(e, input, sizes)


def _to_shape(e, input, sizes):
    return e("reshape", input, shape=[int(size) for size in sizes])


def _unflatten(e, input, dim, sizes):
    dim = dim_of(dim, input.dim())
    return _reshape(e, input, input.unflatten(dim, sizes).shape)


def _unsqueeze(e, input, dim):
    dim = dim_of(dim, input.dim() + 1)
    return _to_shape(e, input, [*input.shape[:dim], 1, *input.shape[dim:]])


def _squeeze(e, input, dim=None):
    dims = {each for each in dims_of(dim, input) if input.shape[each] == 1}
    return _to_shape(e, input, [size for each, size in enumerate(input.shape) if each not in dims])


def _permute(e, input, *dims, **kwargs):
    return e("permute", input, dims=[dim_of(each, input.dim()) for each in sizes_of(dims or (kwargs["dims"],))])


def _transpose(e, input, dim0, dim1):
    dims = list(range(input.dim()))
    dim0, dim1 = dim_of(dim0, len(dims)), dim_of(dim1, len(dims))
    dims[dim0], dims[dim1] = dims[dim1], dims[dim0]
    return e("permute", input, dims=dims)


def _last_two(e, input):
    return _transpose(e, input, -2, -1)


def _all_reversed(e, input):
    return e("permute", input, dims=list(range(input.dim()))[::-1])


def _movedim(e, input, source, destination):
    sources, targets = dims_of(source, input), dims_of(destination, input)
    left = iter(each for each in range(input.dim()) if each not in sources)
    placed = dict(zip(targets, sources, strict=True))
    return e("permute", input, dims=[placed[each] if each in placed else next(left) for each in range(input.dim())])


def _expand(e, input, *sizes, **kwargs):
    sizes = sizes_of(sizes or (kwargs["size"],))
    return e.expand(input, input.expand(sizes).shape)


def _expand_as(e, input, other):
    return _expand(e, input, *other.shape)


def _repeat(e, input, *repeats, **kwargs):
    """Blocks of a reshaped, expanded tensor."""
    repeats = sizes_of(repeats or (kwargs["repeats"],))
    shape = [*[1] * (len(repeats) - input.dim()), *input.shape]
    if all(size == 1 or times == 1 for size, times in zip(shape, repeats, strict=True)):
        return _expand(e, input, *(size * times for size, times in zip(shape, repeats, strict=True)))
    axes = [
        pair if pair[0] > 1 < pair[1] else [pair[0] * pair[1]]  # times and size, where both matter
        for pair in ([times, size] for size, times in zip(shape, repeats, strict=True))
    ]
    ones = [[1, size][-len(axis) :] for axis, size in zip(axes, shape, strict=True)]
    apart = _to_shape(e, input, [each for axis in ones for each in axis])
    wide = _expand(e, apart, *(each for axis in axes for each in axis))
    return _to_shape(e, wide, [size * times for size, times in zip(shape, repeats, strict=True)])


def _repeat_interleave(e, input, repeats, dim=None, *, output_size=None):
    require(isinstance(repeats, int) and dim is not None, "only a number of repeats along one dimension is supported")
    dim = dim_of(dim, input.dim())
    shape = [*input.shape]
    apart = _to_shape(e, input, [*shape[: dim + 1], 1, *shape[dim + 1 :]])
    wide = _expand(e, apart, *shape[: dim + 1], repeats, *shape[dim + 1 :])
    return _to_shape(e, wide, [*shape[:dim], shape[dim] * repeats, *shape[dim + 1 :]])


def _pieces(e, input, sizes, dim):
    ends = [sum(sizes[: count + 1]) for count in range(len(sizes))]
    return tuple(
        e("slice", input, dim=dim, start=int(end - size), end=int(end), step=1)
        for end, size in zip(ends, sizes, strict=True)
    )


def _split(e, tensor, split_size_or_sections=None, dim=0, split_size=None):
    size = split_size if split_size_or_sections is None else split_size_or_sections
    return _pieces(e, tensor, [piece.shape[dim] for piece in tensor.split(size, dim)], dim_of(dim, tensor.dim()))


def _chunk(e, input, chunks, dim=0):
    return _pieces(e, input, [piece.shape[dim] for piece in input.chunk(chunks, dim)], dim_of(dim, input.dim()))


def _tensor_split(e, input, indices_or_sections, dim=0):
    pieces = input.tensor_split(indices_or_sections, dim)
    return _pieces(e, input, [piece.shape[dim] for piece in pieces], dim_of(dim, input.dim()))


def _unbind(e, input, dim=0):
    dim = dim_of(dim, input.dim())
    return tuple(e("select", input, dim=dim, index=index) for index in range(input.shape[dim]))


def _select(e, input, dim, index):
    dim = dim_of(dim, input.dim())
    return e("select", input, dim=dim, index=int(index) % input.shape[dim])


def _narrow(e, input, dim, start, length):
    dim = dim_of(dim, input.dim())
    start = int(start) % input.shape[dim]
    return e("slice", input, dim=dim, start=start, end=start + int(length), step=1)


def _roll(e, input, shifts, dims=None):
    require(dims is not None, "it needs dims")
    return e("roll", input, shifts=sizes_of((shifts,)), dims=dims_of(dims, input))


def _flip(e, input, *dims):
    return e("flip", input, dims=dims_of(sizes_of(dims), input))


def _pixel_shuffle(e, input, upscale_factor):
    r = upscale_factor
    *start, c, h, w = input.shape
    apart = _to_shape(e, input, [*start, c // r**2, r, r, h, w])
    n = len(start)
    moved = e("permute", apart, dims=[*range(n), *(n + each for each in (0, 3, 1, 4, 2))])
    return _to_shape(e, moved, [*start, c // r**2, h * r, w * r])


def _pixel_unshuffle(e, input, downscale_factor):
    r = downscale_factor
    *start, c, h, w = input.shape
    apart = _to_shape(e, input, [*start, c, h // r, r, w // r, r])
    n = len(start)
    moved = e("permute", apart, dims=[*range(n), *(n + each for each in (0, 2, 4, 1, 3))])
    return _to_shape(e, moved, [*start, c * r**2, h // r, w // r])


def _channel_shuffle(e, input, groups):
    n, c, *rest = input.shape
    apart = _to_shape(e, input, [n, groups, c // groups, *rest])
    moved = e("permute", apart, dims=[0, 2, 1, *range(3, 3 + len(rest))])
    return _to_shape(e, moved, [n, c, *rest])


HANDLERS = {
    **dict.fromkeys(("cat", "concat", "concatenate"), _cat),
    "stack": _stack,
    "flatten": _flatten,
    **dict.fromkeys(("view", "reshape"), _reshape),
    **dict.fromkeys(("view_as", "reshape_as"), lambda e, input, other: _reshape(e, input, other.shape)),
    "unflatten": _unflatten,
    "unsqueeze": _unsqueeze,
    "squeeze": _squeeze,
    "permute": _permute,
    **dict.fromkeys(("transpose", "swapaxes", "swapdims"), _transpose),
    **dict.fromkeys(("mT", "adjoint"), _last_two),
    **dict.fromkeys(("T", "t", "numpy_T"), _all_reversed),
    **dict.fromkeys(("movedim", "moveaxis"), _movedim),
    **dict.fromkeys(("expand", "broadcast_to"), _expand),
    "expand_as": _expand_as,
    **dict.fromkeys(("repeat", "tile"), _repeat),
    "repeat_interleave": _repeat_interleave,
    **dict.fromkeys(("split", "split_with_sizes"), _split),
    "chunk": _chunk,
    "tensor_split": _tensor_split,
    "unbind": _unbind,
    "select": _select,
    "narrow": _narrow,
    "roll": _roll,
    "flip": _flip,
    "pixel_shuffle": _pixel_shuffle,
    "pixel_unshuffle": _pixel_unshuffle,
    "channel_shuffle": _channel_shuffle,
    "native_channel_shuffle": _channel_shuffle,
}
