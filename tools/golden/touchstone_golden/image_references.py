"""`python -m touchstone_golden.image_references OUT`: small image files of every kind that the command reads, and what
torchvision makes of them, for the tests of packages/images.

`pixels.safetensors`: per file and interpolation, `<interpolation>/<file>` [1,C,H,W], the grey levels of `Resize` and
`CenterCrop`. `presets.safetensors`: the same with the float32 numbers of torchvision's `ImageClassification`, the
transform of its weights. `__metadata__.sizes`: resize and crop.
"""

import json
import struct
import sys
import zlib
from pathlib import Path

import numpy
import safetensors.torch
import torch
from PIL import Image, ImageCms
from torchvision.transforms import InterpolationMode
from torchvision.transforms import functional as transforms
from torchvision.transforms._presets import ImageClassification

RESIZE, CROP = 24, 16
_ENLARGED = 60
"""Wider than the images: nothing to antialias."""
_INTERPOLATIONS = ("bilinear", "bicubic", "nearest")


def write(folder):
    """Writes everything to `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    _write_images(folder)
    files = sorted(path for path in folder.iterdir() if path.suffix in {".jpg", ".png", ".webp"})
    pixels, presets = {}, {}
    for path in files:
        image = _read(path)
        for interpolation in _INTERPOLATIONS:
            pixels[f"{interpolation}/{path.name}"] = _pixels(image, RESIZE, CROP, interpolation)
        presets[f"bilinear/{path.name}"] = ImageClassification(crop_size=CROP, resize_size=RESIZE)(image)[None]
    colour = _read(folder / "colour.png")
    for interpolation in _INTERPOLATIONS:
        pixels[f"{interpolation}/enlarged"] = _pixels(colour, _ENLARGED, CROP, interpolation)
        pixels[f"{interpolation}/grey network"] = _pixels(colour.convert("L"), RESIZE, CROP, interpolation)
    for interpolation in ("bilinear", "bicubic"):
        tensor = transforms.pil_to_tensor(colour)[None]
        for name, size in (("not antialiased", RESIZE), ("not antialiased, enlarged", _ENLARGED)):
            resized = transforms.resize(tensor, [size], InterpolationMode(interpolation), antialias=False)
            pixels[f"{interpolation}/{name}"] = transforms.center_crop(resized, [CROP, CROP])
    sizes = {"sizes": json.dumps({"resize": RESIZE, "crop": CROP, "enlarged": _ENLARGED})}
    levels = {name: tensor.to(torch.uint8).contiguous() for name, tensor in pixels.items()}
    safetensors.torch.save_file(levels, folder / "pixels.safetensors", sizes)
    floats = {name: tensor.contiguous() for name, tensor in presets.items()}
    safetensors.torch.save_file(floats, folder / "presets.safetensors", sizes)


def _pixels(image, resize, crop, interpolation):
    image = transforms.resize(image, [resize], InterpolationMode(interpolation))
    return transforms.pil_to_tensor(transforms.center_crop(image, [crop, crop]))[None]


def _read(path):
    """Pillow clips 16-bit grey to white; its high byte is what Pillow gives of 16-bit colour."""
    image = Image.open(path)
    if image.mode == "I;16":
        image = Image.fromarray((numpy.array(image) >> 8).astype(numpy.uint8))
    return image.convert("RGB")


def _write_images(folder):
    photograph = Path(__file__).parents[3] / "golden/inputs/images/coffee.png"
    image = Image.open(photograph).convert("RGB").resize((47, 31))
    random = numpy.random.default_rng(0)
    noise = Image.fromarray(random.integers(0, 256, (31, 47), dtype=numpy.uint8))
    grey = image.convert("L")
    image.save(folder / "colour.png")
    image.save(folder / "colour.jpg", quality=90)
    image.save(folder / "subsampled-progressive.jpg", quality=60, progressive=True, subsampling=2)
    image.save(folder / "lossy.webp", quality=80)
    image.save(folder / "lossless.webp", lossless=True)
    # not sRGB: applying it would move the pixels
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    image.save(folder / "profile.jpg", quality=90, icc_profile=profile)
    grey.save(folder / "grey.png")
    grey.save(folder / "grey.jpg", quality=90)
    image.convert("1").save(folder / "black-and-white.png")
    Image.merge("LA", (grey, noise)).save(folder / "grey-alpha.png")
    translucent = image.copy()
    translucent.putalpha(noise)
    translucent.save(folder / "alpha.png")
    translucent.save(folder / "alpha.webp", lossless=True, exact=True)
    palette = image.quantize(32)
    palette.save(folder / "palette.png")
    palette.save(folder / "palette-alpha.png", transparency=3)
    inks = numpy.array(image.convert("CMYK"))
    inks[..., 3] = numpy.array(noise) // 2
    Image.fromarray(inks, "CMYK").save(folder / "cmyk.jpg", quality=95)
    deep = numpy.array(grey).astype(numpy.uint16) * 256 + numpy.array(noise)
    Image.fromarray(deep).save(folder / "grey-16.png")
    _write_deep_colour(folder / "colour-16.png", numpy.array(image), numpy.array(noise))


def _write_deep_colour(path, pixels, noise):
    """Pillow writes no 16-bit colour: a PNG by hand."""
    height, width, _ = pixels.shape
    samples = (pixels.astype(numpy.uint16) * 256 + noise[..., None]).astype(">u2")
    rows = b"".join(b"\0" + row.tobytes() for row in samples)

    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    )


if __name__ == "__main__":
    write(Path(sys.argv[1]))
