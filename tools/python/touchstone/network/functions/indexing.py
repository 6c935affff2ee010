"""`x[…]`, read and written."""

import numpy as np
import torch

from .registry import Unsupported, dim_of, require


def _getitem(e, input, index):
    return _read(e, input, index)


def _read(e, x, index):
    dim = 0
    for item in index if isinstance(index, tuple) else [index]:
        if isinstance(item, torch.Tensor) and e.is_traced(item):
            raise Unsupported("its index depends on values")
    for item in _items(x, index):
        if item is None:
            x = e("reshape", x, shape=[*x.shape[:dim], 1, *x.shape[dim:]])
            dim += 1
        elif isinstance(item, slice):
            x = _slice(e, x, dim, item)
            dim += 1
        elif isinstance(item, torch.Tensor):
            x = _select_many(e, x, dim, item)
            dim += item.dim()
        else:
            require(-x.shape[dim] <= item < x.shape[dim], f"index {item} is out of range")
            x = e("select", x, dim=dim, index=item % x.shape[dim])
    return x


def _items(x, index):
    """An entry per dimension read or made: None, a slice, a number, or one tensor of integers."""
    items = [_item(each) for each in (index if isinstance(index, tuple) else (index,))]
    taken = sum(each is not None and each is not Ellipsis for each in items)
    if Ellipsis in [each for each in items if not isinstance(each, torch.Tensor)]:
        at = next(place for place, each in enumerate(items) if each is Ellipsis)
        items[at : at + 1] = [slice(None)] * (x.dim() - taken)
    require(sum(isinstance(each, torch.Tensor) for each in items) <= 1, "only one index may be a tensor")
    return items


def _item(item):
    if item is None or item is Ellipsis or isinstance(item, slice):
        return item
    if isinstance(item, (list, range, np.ndarray)):
        item = torch.as_tensor(item)
    if isinstance(item, torch.Tensor):
        if item.dtype == torch.bool:
            require(item.dim() == 1, "only a mask of one dimension is supported")
            item = item.nonzero()[:, 0]
        return int(item) if item.dim() == 0 else item
    if isinstance(item, bool):
        raise Unsupported("an index of true or false is not supported")
    return int(item)


def _slice(e, x, dim, item):
    start, end, step = item.indices(x.shape[dim])
    require(step > 0, "a slice needs a positive step")
    if (start, end, step) == (0, x.shape[dim], 1):
        return e.handed_on(x, x)
    return e("slice", x, dim=dim, start=start, end=max(end, start), step=step)


def _select_many(e, x, dim, index):
    size = x.shape[dim]
    flat = [int(each) % size for each in index.flatten().tolist()]
    taken = e("index_select", x, dim=dim, index=flat)
    if index.dim() == 1:
        return taken
    return e("reshape", taken, shape=[*x.shape[:dim], *index.shape, *x.shape[dim + 1 :]])


def _index_select(e, input, dim, index):
    require(not e.is_traced(index), "its index depends on values")
    return _select_many(e, input, dim_of(dim, input.dim()), index)


def _setitem(e, input, index, value):
    e.adopt(input)
    e.in_place(_read(e, input, index), value)


def _fill_(e, input, value):
    return e.in_place(input, value)


def _zero_(e, input):
    return _fill_(e, input, 0)


def _copy_(e, input, source, non_blocking=False):
    return e.in_place(input, source)


HANDLERS = {
    "__getitem__": _getitem,
    "__setitem__": _setitem,
    "index_select": _index_select,
    "fill_": _fill_,
    "zero_": _zero_,
    "copy_": _copy_,
}
