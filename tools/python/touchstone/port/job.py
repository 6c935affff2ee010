"""What a method is given."""

from collections import OrderedDict
from functools import cached_property
from pathlib import Path

from ..network.arrays import read_arrays, read_description
from .port import Unsupported

_KEPT = 3


class Network:
    """`folder`, `description` (network.json), `weights` (name → NumPy array, read-only) and `module` (for torch, in
    eval mode, in the port's dtype), each read when it is first used.
    """

    def __init__(self, folder, dtype="float32"):
        self.folder, self._dtype = Path(folder), dtype

    @cached_property
    def description(self):
        return read_description(self.folder)

    @cached_property
    def weights(self):
        weights = read_arrays(self.folder, self.description)
        for array in weights.values():
            array.setflags(write=False)
        return weights

    @cached_property
    def module(self):
        import torch

        from ..network.load import load_network

        return load_network(self.folder).to(getattr(torch, self._dtype))


class Networks:
    """Networks by folder. The last few are kept, as long as their files stay as they are."""

    def __init__(self, port):
        self._dtype, self._kept = port.dtype, OrderedDict()

    def __getitem__(self, folder):
        key = str(folder), *(_state(Path(folder) / name) for name in ("network.json", "weights.safetensors"))
        network = self._kept.pop(key, None) or Network(folder, self._dtype)
        self._kept[key] = network
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return network


def _state(file):
    try:
        state = file.stat()
    except OSError:
        return None
    return state.st_mtime_ns, state.st_size


class Job:
    """One explanation that is asked for.

    `x`: the images, in the port's layout, dtype and kind of arrays; `fixtures`: stored randomness, such as
    `fixtures["noise"]`; `target`, `params`: as docs/formats.md defines them, with every default filled in and `layer`
    and `linear` named; `want`: the stages that are compared; `required`: those without which the case fails.
    """

    def __init__(self, *, case, method, network, x, fixtures, target, params, want=(), required=()):
        self.case, self.method, self.network = case, method, network
        self.x, self.fixtures = x, fixtures
        self.target, self.params = target, params
        self.want, self.required = want, required

    @property
    def module(self):
        """The network as a torch module, kept from job to job: remove your hooks."""
        return self.network.module

    @property
    def layer(self):
        """The torch module that `params["layer"]` names."""
        return self.module.get_submodule(self.params["layer"])

    @property
    def classes(self):
        """The target's class for each image. Raises Unsupported for a target that is not the logit of a class."""
        more = [name for name in self.target if (name, self.target[name]) != ("of", "logit")]
        if more != ["class"]:
            raise Unsupported(f"a target that is not a class alone: {', '.join(more)}")
        classes = self.target["class"]
        return list(classes) if isinstance(classes, list) else [classes] * len(self.x)

    def score(self, logits):
        """The target's value of torch logits [N,classes], or maps of them [N,classes,h,w], summed over the images: what
        is differentiated.
        """
        from .score import score

        return score(logits, self.target, self.network.description.get("heads"))
