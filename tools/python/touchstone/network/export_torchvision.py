"""torchvision's networks with its trained weights, for users who have downloaded them."""

import hashlib
import pickle
import re
from pathlib import Path

import torch

from .export import export_network
from .faults import ExportError
from .preprocessing import preprocess_of

NAMES = ("alexnet", "vgg16", "vgg19", "densenet121", "squeezenet1_1")

_OLD_DENSENET = re.compile(r"^(.*denselayer\d+\.(?:norm|conv))\.([12]\..*)$")
"""The published DenseNet's `norm.1` is `norm1` in today's module; torchvision renames it in the same way."""


def export_torchvision(name, weights, folder):
    """Writes torchvision's network `name` with the `state_dict` in the file `weights` to `folder`, as `export_network`
    does, with the preprocessing of these weights (`weights.transforms()`).

    Raises ExportError, naming the argument at fault, for an unknown network, a file that is not a
    `state_dict`, or one of another network.
    """
    try:
        import torchvision

        from . import imagenet
    except ImportError:
        raise ExportError("torchvision is not installed; pip install torchvision") from None
    if name not in NAMES:
        raise ExportError(
            f"NAME: {name!r} is not one of {', '.join(NAMES)}; "
            "export other modules with touchstone.export_network"
        )
    stored = _read_state(Path(weights))
    with torch.device("meta"):
        net = getattr(torchvision.models, name)()
    wanted = {key: tensor.shape for key, tensor in net.state_dict().items() if not key.endswith("num_batches_tracked")}
    found = {
        _OLD_DENSENET.sub(r"\1\2", key) if name.startswith("densenet") else key: t
        for key, t in stored.items()
        if not key.endswith("num_batches_tracked")
    }
    if missing := sorted(wanted.keys() - found.keys()) + sorted(found.keys() - wanted.keys()):
        raise ExportError(
            f"--weights: {weights} does not fit {name}: "
            f"{missing[0]!r} is in one of the two only ({len(missing)} such names); give the file of this network"
        )
    for key, shape in wanted.items():
        if found[key].shape != shape or found[key].dtype != torch.float32:
            raise ExportError(
                f"--weights: {weights}: {key!r} is {found[key].dtype} {list(found[key].shape)}, "
                f"{name} has float32 {list(shape)}; give the file of this network"
            )
    net.load_state_dict(found, strict=False, assign=True)
    why = f"torchvision's {name} with weights of {Path(weights).name}"
    preprocess = preprocess_of(_published(name, Path(weights)).transforms())
    example = torch.randn(1, 3, *preprocess["crop"], generator=torch.Generator().manual_seed(0))
    export_network(net, example, folder, name=name, why=why, classes=imagenet.CLASSES, preprocess=preprocess)


def _published(name, file):
    """Torchvision's entry of the weights in `file`, found by the checksum in its address; of other weights, the
    network's default.
    """
    import torchvision

    entries = torchvision.models.get_model_weights(name)
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
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError, KeyError) as error:
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
