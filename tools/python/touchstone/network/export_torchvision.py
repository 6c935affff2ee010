"""torchvision's networks for classification and segmentation, with its trained weights, a user's, or random ones."""

import difflib
import hashlib
import pickle
import re
from collections import OrderedDict
from pathlib import Path

import torch

from .export import export_network
from .faults import ExportError
from .preprocessing import preprocess_of

_OLD_DENSENET = re.compile(r"^(.*denselayer\d+\.(?:norm|conv))\.([12]\..*)$")
"""The published DenseNet's `norm.1` is `norm1` in today's module; torchvision renames it in the same way."""

_AUXILIARY = ("aux_classifier", "aux1", "aux2", "AuxLogits")
"""Classifiers that only training uses."""

_UNREADABLE = (pickle.UnpicklingError, RuntimeError, EOFError, ValueError, KeyError)


def export_torchvision(name, weights, folder, *, seed=0):
    """Writes torchvision's network `name`, for classification or segmentation, to `folder`, as `export_network` does,
    with the preprocessing (`weights.transforms()`) and the classes of its weights.

    `weights`: a file with a `state_dict`; the name of torchvision's own, such as "DEFAULT" or "IMAGENET1K_V2", which
    torchvision downloads unless PyTorch's cache has the file; or None: random ones, as torchvision draws them after
    `torch.manual_seed(seed)`. Then a matrix of zeros, as in the heads of vision transformers, is drawn too, because no
    gradient passes it, and classes have no names.

    Auxiliary classifiers, which only training uses, are left out. Of an image, a segmentation network takes the square
    in the centre, of the height that torchvision gives it.

    Raises ExportError, naming the argument at fault, for an unknown network or unknown weights, a download that
    fails, a file that is not a `state_dict`, or one of another network.
    """
    entries = _entries(name)
    classes = True
    if weights is None:
        entry, classes, source = entries.DEFAULT, False, f"random weights, seed {seed}"
        net = drawn(name, entry, seed)
    elif entry := _named(entries, name, str(weights)):
        net, source = _downloaded(name, entry), f"its weights {entry.name}"
    else:
        file = Path(weights)
        state = _read_state(file)
        entry, source = _published(entries, file), f"weights of {file.name}"
        net = filled(name, entry, state, file)
    for part in _AUXILIARY:
        if hasattr(net, part):
            setattr(net, part, None)
    preprocess = preprocess_of_weights(entry)
    export_network(
        net,
        torch.randn(1, 3, *preprocess["crop"], generator=torch.Generator().manual_seed(0)),
        folder,
        name=name,
        why=f"torchvision's {name} with {source}",
        classes=entry.meta["categories"] if classes else None,
        preprocess=preprocess,
    )


def _entries(name):
    """Torchvision's weights of the network."""
    try:
        from torchvision import models
    except ImportError:
        raise ExportError("torchvision is not installed; pip install torchvision") from None
    names = models.list_models(module=models) + models.list_models(module=models.segmentation)
    if name not in names:
        near = " or ".join(difflib.get_close_matches(name, names, 3))
        raise ExportError(
            f"NAME: {name!r} is not one of torchvision's {len(names)} networks for classification and segmentation; "
            f"{f'did you mean {near}? Others' if near else 'torchvision.models.list_models() has these; others'} are "
            "exported with touchstone.export_network"
        )
    return models.get_model_weights(name)


def _named(entries, name, text):
    """The weights of this name, `IMAGENET1K_V2` or `ResNet50_Weights.IMAGENET1K_V2`; None where it is a file's."""
    short = text.removeprefix(f"{entries.__name__}.")
    if not re.fullmatch("[A-Z][A-Z0-9_]*", short):
        return None
    if short not in entries.__members__:
        known = ", ".join(entries.__members__)
        raise ExportError(f"--weights: {name} has no weights {short!r}; give one of {known}, or a file (./{short})")
    return entries[short]


def drawn(name, entry, seed):
    """The network with random weights; PyTorch's own generator stays where it is."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        net = _built(name, entry)
        draw_zeros(net)
    return net


def draw_zeros(module):
    """Draws the matrices of zeros among the parameters, as in the heads of vision transformers: no gradient passes
    them.
    """
    for tensor in module.parameters():
        if tensor.dim() > 1 and not tensor.any():
            torch.nn.init.normal_(tensor, std=0.02)


def cache_folder():
    """Where PyTorch keeps the weights that it has downloaded: below TORCH_HOME."""
    return Path(torch.hub.get_dir()) / "checkpoints"


def _downloaded(name, entry):
    from torchvision import models

    try:
        return models.get_model(name, weights=entry)
    except (OSError, *_UNREADABLE) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise ExportError(
            f"--weights: {entry.name} of {name} cannot be had from {entry.url}, and not from "
            f"{cache_folder()}: {reason}; download that file, and give it as --weights FILE"
        ) from None


def _built(name, entry, keys=()):
    """The network for weights of these `keys`, with those that torchvision draws: of the form that `entry` has."""
    from torchvision import models

    family = models.get_model_builder(name).__module__.removeprefix("torchvision.models.")
    auxiliary = any(key.startswith(_AUXILIARY) for key in keys)
    told = {}
    if family in ("googlenet", "inception"):
        told = {"transform_input": True, "aux_logits": auxiliary, "init_weights": False}
    elif family == "vision_transformer":
        told = {"image_size": entry.meta["min_size"][0]}
    elif family.startswith("segmentation"):
        told = {"weights_backbone": None, **({"aux_loss": True} if auxiliary else {})}
    return models.get_model(name, weights=None, **told)


def preprocess_of_weights(entry):
    """That of the entry of torchvision's weights; of a segmentation network, with a square in the centre."""
    transform = entry.transforms()
    return preprocess_of(transform, None if hasattr(transform, "crop_size") else transform.resize_size[0])


def filled(name, entry, stored, file):
    """The network with the tensors of the `state_dict`, whose older names are taken as torchvision takes them."""
    net = _built(name, entry, stored)
    own = net.state_dict()
    found = OrderedDict(
        (_OLD_DENSENET.sub(r"\1\2", key) if name.startswith("densenet") else key, tensor)
        for key, tensor in stored.items()
    )
    found._metadata = getattr(stored, "_metadata", own._metadata)
    for key, tensor in found.items():
        wanted = own.get(key, tensor)
        if tensor.shape != wanted.shape or (tensor.is_floating_point() and tensor.dtype != torch.float32):
            raise ExportError(
                f"--weights: {file}: {key!r} is {tensor.dtype} {list(tensor.shape)}, "
                f"{name} has float32 {list(wanted.shape)}; give the file of this network"
            )
    try:
        missing, unknown = net.load_state_dict(found, strict=False)
    except (RuntimeError, ValueError) as error:
        raise ExportError(
            f"--weights: {file} does not fit {name}: {str(error).splitlines()[-1].strip()}; "
            "give the file of this network"
        ) from None
    if apart := [key for key in sorted(missing) + sorted(unknown) if not key.endswith("num_batches_tracked")]:
        raise ExportError(
            f"--weights: {file} does not fit {name}: "
            f"{apart[0]!r} is in one of the two only ({len(apart)} such names); give the file of this network"
        )
    return net


def _published(entries, file):
    """Torchvision's entry of the weights in `file`, found by the checksum in its address; of other weights, the
    network's default.
    """
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return next(
        (entry for entry in entries if digest.startswith(entry.url.rsplit("-", 1)[1].removesuffix(".pth"))),
        entries.DEFAULT,
    )


def _read_state(file):
    try:
        stored = torch.load(file, map_location="cpu", weights_only=True)
    except OSError as error:
        raise ExportError(
            f"--weights: {file}: {error.strerror or error}; download it from the address in torchvision.models"
        ) from None
    except _UNREADABLE as error:
        raise ExportError(
            f"--weights: {file} is not a file of weights: {str(error).splitlines()[0]}; "
            "give the .pth that torchvision publishes"
        ) from None
    if not isinstance(stored, dict) or not all(
        isinstance(key, str) and isinstance(tensor, torch.Tensor) for key, tensor in stored.items()
    ):
        raise ExportError(
            f"--weights: {file} holds no state_dict (name → tensor); save one with torch.save(net.state_dict(), FILE)"
        )
    return stored
