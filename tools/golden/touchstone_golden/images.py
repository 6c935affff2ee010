"""From an image to a network's input: torchvision's `Resize` and `CenterCrop`, in Pillow's arithmetic."""

import numpy
import torch
from PIL import Image

from touchstone.network.preprocessing import normalisation_of_levels


def shrink(image, resize, crop, interpolation="bicubic"):
    """Shorter side to `resize` (antialiased), then the middle of `crop` [h, w]; an image again."""
    shorter = min(image.size)
    width, height = (resize * side // shorter for side in image.size)  # torchvision cuts off
    image = image.resize((width, height), Image.Resampling[interpolation.upper()])
    left, top = round((width - crop[1]) / 2), round((height - crop[0]) / 2)
    return image.crop((left, top, left + crop[1], top + crop[0]))


def to_tensor(image):
    """[1,C,H,W] float32, grey levels 0–255."""
    pixels = numpy.array(image, dtype=numpy.float32)
    return torch.from_numpy(pixels.reshape(image.height, image.width, -1)).permute(2, 0, 1)[None].contiguous()


def normalise(pixels, mean, std):
    """`(pixel − mean) / std` with one mean and deviation per channel."""
    return (pixels - torch.tensor(mean).view(1, -1, 1, 1)) / torch.tensor(std).view(1, -1, 1, 1)


def preprocess(image, rules):
    """An image as the input of a network whose `preprocess` is `rules`; only RGB, antialiased."""
    if rules.get("channelOrder", "RGB") != "RGB" or not rules.get("antialias", True):
        raise NotImplementedError("the inputs of golden/ are RGB and antialiased")
    image = image.convert("L" if len(rules["mean"]) == 1 else "RGB")
    interpolation = rules.get("interpolation", "bicubic")
    pixels = to_tensor(shrink(image, rules["resize"], rules["crop"], interpolation))
    return normalise(pixels / 255 if rules.get("scale") == "0-1" else pixels, rules["mean"], rules["std"])


def pixel(description, value, dtype):
    """A pixel of this value (0–255) after the preprocessing of `description`, [C,1,1]."""
    mean, std = (torch.tensor(each, dtype=dtype) for each in normalisation_of_levels(description["preprocess"]))
    return ((value - mean) / std)[:, None, None]
