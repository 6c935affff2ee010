"""`python -m touchstone_golden.inputs OUT`: writes the inputs of the cases to OUT/<name>.safetensors, and the pictures
behind them.

Every file holds `x`, [N,C,H,W] float32, already preprocessed. Random inputs hide ties, so these are pictures, or made
from pictures.
"""

import argparse
import shutil
from pathlib import Path

import safetensors.torch
import skimage
import torch
from PIL import Image

from . import imagenet
from .networks.classics import NARROW_SHAPE
from .networks.digits import digits, test_part
from .networks.efficientnet import ENTRIES as EFFICIENTNET
from .networks.entry import picture_shape
from .networks.worked import ALEXNET_SHAPE
from .pictures import preprocess
from .toy import disc

# name → file in scikit-image
PICTURES = {"cat": "chelsea.png", "coffee": "coffee.png", "rocket": "rocket.jpg", "person": "astronaut.png"}
_SIZES = {"32": (3, 32, 32), "17x23": (3, 17, 23), "20x32": (3, 20, 32), "28": (1, 28, 28)}


def write_inputs(folder):
    """Writes everything below `folder`; yields the name of each input when it is written."""
    (folder / "pictures").mkdir(parents=True, exist_ok=True)
    pictures = {}
    for name, file in PICTURES.items():
        stored = folder / "pictures" / f"{name}{Path(file).suffix}"
        shutil.copyfile(Path(skimage.__file__).parent / "data" / file, stored)
        pictures[name] = Image.open(stored).convert("RGB")
    for name, x in {
        **_large(pictures),
        **_small(pictures),
        **_digits(),
        **_worked(pictures),
        **_classic(pictures),
        **_points(),
    }.items():
        beside = folder / f".{name}.writing"
        safetensors.torch.save_file({"x": x.contiguous()}, beside)
        beside.replace(folder / f"{name}.safetensors")
        yield name


def _large(pictures):
    return {name: preprocess(picture, EFFICIENTNET[0].preprocess) for name, picture in pictures.items()}


def _small(pictures):
    inputs = {}
    for size, shape in _SIZES.items():
        plain = {name: preprocess(picture, picture_shape(shape)) for name, picture in pictures.items()}
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
    """The middle of the picture on zeros, with a margin of a quarter on each side."""
    height, width = x.shape[2:]
    top, left = height // 4, width // 4
    alone = torch.zeros_like(x)
    alone[:, :, top : height - top, left : width - left] = x[:, :, top : height - top, left : width - left]
    return alone


def _batch(plain):
    """Four pictures of very different contrast: statistics of the whole batch spoil all but one."""
    return torch.cat([plain["cat"], 0.0625 * plain["coffee"] + 0.5, _backdrop(plain["rocket"]), 4 * plain["person"]])


def _digits():
    """`digits`: one unseen digit of each class, in order; `digit-<class>`: some of them alone."""
    images, classes = digits()
    unseen = test_part()
    each = torch.cat([images[unseen & (classes == digit)][:1] for digit in range(10)])
    return {"digits": each, **{f"digit-{digit}": each[digit : digit + 1] for digit in (0, 3, 7, 8)}}


def _worked(pictures):
    """For the networks of the worked examples."""
    return {"ones-4x4": torch.ones(1, 1, 4, 4), "cat-96": preprocess(pictures["cat"], picture_shape(ALEXNET_SHAPE))}


def _classic(pictures):
    """For torchvision's networks: `-imagenet` at full size, `-64x80` for the narrow ones."""
    plain = {name: preprocess(picture, picture_shape(NARROW_SHAPE)) for name, picture in pictures.items()}
    return {
        "cat-imagenet": preprocess(pictures["cat"], imagenet.PREPROCESS),
        "cat-64x80": plain["cat"],
        "person-64x80": plain["person"],
        "batch-64x80": _batch(plain),
    }


def _points():
    """Many inputs at once: all digits, some of them, and points of the plane."""
    images, _ = digits()
    return {"digits-all": images, "digits-200": images[:200], "disc": disc()}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m touchstone_golden.inputs", description=__doc__)
    parser.add_argument("folder", type=Path, metavar="OUT")
    for written in write_inputs(parser.parse_args().folder):
        print(written)
