"""`python -m touchstone_golden.inputs OUT`: writes the inputs of the cases to OUT/<name>.safetensors, and the image
files that they are made from to OUT/images.

Every file holds `x`, [N,C,H,W] float32, already preprocessed. Random inputs hide ties, so most are photographs, or made
from photographs.
"""

import argparse
import shutil
from pathlib import Path

import safetensors.torch
import skimage
import torch
from PIL import Image

from touchstone.network import imagenet

from .images import preprocess
from .networks.classics import NARROW_SHAPE
from .networks.digits import digits, test_part
from .networks.efficientnet import ENTRIES as EFFICIENTNET
from .networks.entry import zoo_preprocess
from .networks.worked import ALEXNET_SHAPE
from .toy import disc

# name → file in scikit-image
IMAGES = {"cat": "chelsea.png", "coffee": "coffee.png", "rocket": "rocket.jpg", "person": "astronaut.png"}
_SIZES = {"32": (3, 32, 32), "17x23": (3, 17, 23), "20x32": (3, 20, 32), "24x32": (3, 24, 32), "28": (1, 28, 28)}


def write_inputs(folder):
    """Writes everything below `folder`; yields the name of each input when it is written."""
    (folder / "images").mkdir(parents=True, exist_ok=True)
    images = {}
    for name, file in IMAGES.items():
        stored = folder / "images" / f"{name}{Path(file).suffix}"
        shutil.copyfile(Path(skimage.__file__).parent / "data" / file, stored)
        images[name] = Image.open(stored).convert("RGB")
    for name, x in {
        **_large(images),
        **_small(images),
        **_digits(),
        **_worked(images),
        **_classic(images),
        **_points(),
        **_no_images(images),
    }.items():
        part = folder / f".{name}.part"
        safetensors.torch.save_file({"x": x.contiguous()}, part)
        part.replace(folder / f"{name}.safetensors")
        yield name


def _large(images):
    return {name: preprocess(image, EFFICIENTNET[0].preprocess) for name, image in images.items()}


def _small(images):
    inputs = {}
    for size, shape in _SIZES.items():
        plain = {name: preprocess(image, zoo_preprocess(shape)) for name, image in images.items()}
        inputs |= {f"{name}-{size}": x for name, x in plain.items()}
        inputs[f"levels-{size}"] = _levels(plain["cat"])
        inputs[f"backdrop-{size}"] = _backdrop(plain["coffee"])
        inputs[f"constant-{size}"] = torch.full((1, *shape), 0.5)
        inputs[f"batch-{size}"] = _batch(plain)
    return inputs


def _levels(x):
    """Only −1, 0, 1 and 2: nearly every pool window has a tie, and many values are exactly 0."""
    return (1.5 * x).round().clamp(-1, 2) + 0.0  # no −0


def _backdrop(x):
    """The middle of the image on zeros, with a margin of a quarter on each side."""
    height, width = x.shape[2:]
    top, left = height // 4, width // 4
    alone = torch.zeros_like(x)
    alone[:, :, top : height - top, left : width - left] = x[:, :, top : height - top, left : width - left]
    return alone


def _batch(plain):
    """Four images of very different contrast: statistics of the whole batch spoil all but one."""
    return torch.cat([plain["cat"], 0.0625 * plain["coffee"] + 0.5, _backdrop(plain["rocket"]), 4 * plain["person"]])


def _digits():
    """`digits`: one unseen digit of each class, in order; `digit-<class>`: some of them alone."""
    images, classes = digits()
    unseen = test_part()
    each = torch.cat([images[unseen & (classes == digit)][:1] for digit in range(10)])
    return {"digits": each, **{f"digit-{digit}": each[digit : digit + 1] for digit in (0, 3, 7, 8)}}


def _worked(images):
    """For the networks of the worked examples."""
    return {"ones-4x4": torch.ones(1, 1, 4, 4), "cat-96": preprocess(images["cat"], zoo_preprocess(ALEXNET_SHAPE))}


def _classic(images):
    """
    For torchvision's networks: `-imagenet` at full size, `-64x80` for the narrow ones. `-58x66` and `-33x41` are its
    middle: sizes at which pools of SqueezeNet have partial windows.
    """
    plain = {name: preprocess(image, zoo_preprocess(NARROW_SHAPE)) for name, image in images.items()}
    return {
        "cat-imagenet": preprocess(images["cat"], imagenet.PREPROCESS),
        "cat-64x80": plain["cat"],
        "cat-58x66": plain["cat"][:, :, 3:61, 7:73].contiguous(),
        "person-33x41": plain["person"][:, :, 15:48, 20:61].contiguous(),
        "person-64x80": plain["person"],
        "batch-64x80": _batch(plain),
    }


def _points():
    """Many inputs at once: all digits, some of them, and points of the plane."""
    images, _ = digits()
    return {"digits-all": images, "digits-200": images[:200], "digits-50": images[-50:], "disc": disc()}


def _no_images(images):
    """Two rows of a photograph as a signal of two channels, and pairs of photographs as six channels."""
    plain = {name: preprocess(image, zoo_preprocess((3, 24, 32))) for name, image in images.items()}
    rows = preprocess(images["rocket"], zoo_preprocess((3, 64, 64)))
    return {
        "signal-64": rows[:, :2, 32:33].contiguous(),
        "pair-24x32": torch.cat([plain["cat"], plain["rocket"]], 1),
        "pairs-24x32": torch.cat([torch.cat([plain["cat"], plain["coffee"]], 1), plain["person"].repeat(1, 2, 1, 1)]),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m touchstone_golden.inputs", description=__doc__)
    parser.add_argument("folder", type=Path, metavar="OUT")
    for written in write_inputs(parser.parse_args().folder):
        print(written)
