"""Tensors within lists, tuples, dictionaries and data classes."""

import copy
import dataclasses

import torch


def map_tensors(value, change):
    """`value` with `change(tensor)` for each tensor in it, in order; itself where it holds none."""
    if isinstance(value, torch.Tensor):
        return change(value)
    if not any(True for _ in tensors_in(value)):
        return value
    if isinstance(value, dict):
        new = copy.copy(value)
        for key, item in value.items():
            new[key] = map_tensors(item, change)
        return new
    if isinstance(value, tuple | list):
        items = [map_tensors(item, change) for item in value]
        return type(value)(*items) if hasattr(value, "_fields") else type(value)(items)
    new = copy.copy(value)
    for field in dataclasses.fields(value):
        object.__setattr__(new, field.name, map_tensors(getattr(value, field.name), change))
    return new


def tensors_in(value):
    """Yields the tensors, in the same order."""
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from tensors_in(item)
    elif isinstance(value, tuple | list):
        for item in value:
            yield from tensors_in(item)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            yield from tensors_in(getattr(value, field.name))
