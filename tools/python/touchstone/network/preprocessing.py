"""The `preprocess` of a network.json: how an image becomes the network's input. See docs/formats.md."""

import struct

from .faults import ExportError, NetworkError
from .operations import check_attributes

_REQUIRED = {"resize", "crop", "mean", "std"}
_CHOICES = {
    "interpolation": ("bilinear", "bicubic", "nearest"),
    "antialias": (True, False),
    "channelOrder": ("RGB", "BGR"),
    "scale": ("0-1", "0-255"),
}
"""Those that may be left out; the defaults are bicubic, true, RGB and 0-255."""


def check_preprocess(preprocess, shape):
    """Raises NetworkError, naming the field, unless `preprocess` gives a [C,H,W] input of this `shape`."""
    if not isinstance(preprocess, dict) or not _REQUIRED <= preprocess.keys() <= _REQUIRED | _CHOICES.keys():
        raise NetworkError(
            f"preprocess: must have {', '.join(sorted(_REQUIRED))}, and may have {', '.join(sorted(_CHOICES))}"
        )
    for key, choices in _CHOICES.items():
        if key in preprocess and (type(preprocess[key]), preprocess[key]) not in [(type(c), c) for c in choices]:
            raise NetworkError(f"preprocess: {key} must be one of {', '.join(map(str, choices))}")
    check_attributes(
        {"resize": "extent", "crop": "pair of sizes"},
        {key: preprocess[key] for key in ("resize", "crop")},
        "preprocess",
    )
    channels, *size = shape
    for key in ("mean", "std"):
        if not isinstance(preprocess[key], list) or len(preprocess[key]) != channels:
            raise NetworkError(f"preprocess: {key} must have one number per channel, {channels}")
        if not all(_is_finite(number) and (key == "mean" or number > 0) for number in preprocess[key]):
            raise NetworkError(f"preprocess: {key} must hold finite {'positive ' if key == 'std' else ''}numbers")
    if preprocess["crop"] != size:
        raise NetworkError(f"preprocess: crop must be the input's height and width, {size}")
    _check_scale(**{key: preprocess.get(key) for key in ("scale", "mean", "std")})


def _is_finite(number):
    """Finite in float32, and not rounded to 0 there."""
    if type(number) not in (int, float):
        return False
    try:
        (single,) = struct.unpack("f", struct.pack("f", number))
    except OverflowError:
        return False
    return abs(single) < float("inf") and (single != 0) == (number != 0)


def _check_scale(scale, mean, std):
    is_small = all(abs(value) <= 1 for value in (*mean, *std))
    if scale == "0-1":
        if not is_small:
            raise NetworkError('preprocess: scale: mean and std above 1 are for pixels from 0 to 255; write "0-255"')
        return
    is_identity = all(value == 0 for value in mean) and all(value == 1 for value in std)
    if (is_small and not is_identity) or all(value < 1 for value in std):
        given = "" if scale else ', and without "scale" pixels are 0 to 255'
        raise NetworkError(f'preprocess: scale: mean and std are for pixels from 0 to 1{given}; write "scale": "0-1"')


def normalisation_of_levels(preprocess):
    """Mean and std of grey levels from 0 to 255, a list each."""
    unit = 255 if preprocess.get("scale") == "0-1" else 1
    return tuple([value * unit for value in preprocess[key]] for key in ("mean", "std"))


def preprocess_of(transform, crop=None):
    """The `preprocess` of torchvision's transform of trained weights, `weights.transforms()`; a dictionary is
    returned as it is. `crop`: side of the square in the centre, where the transform has none.

    Raises ExportError where it does something that `preprocess` cannot say.
    """
    if isinstance(transform, dict):
        return transform
    try:
        (resize,), (side,) = transform.resize_size, transform.crop_size if crop is None else [crop]
        fields = {
            "resize": resize,
            "crop": [side, side],
            "interpolation": transform.interpolation.value,
            "antialias": transform.antialias is not False,
            "scale": "0-1",
            "mean": list(transform.mean),
            "std": list(transform.std),
        }
    except (AttributeError, TypeError, ValueError):
        raise ExportError(
            f"preprocess: {transform} is not torchvision's ImageClassification with one size each; "
            "give a dictionary with resize, crop, mean and std"
        ) from None
    if fields["interpolation"] not in _CHOICES["interpolation"]:
        raise ExportError(f"preprocess: interpolation {fields['interpolation']!r} is not supported")
    return fields
