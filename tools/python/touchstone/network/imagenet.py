"""The preprocessing of torchvision's ImageNet networks."""

from torchvision.models._meta import _IMAGENET_CATEGORIES

PREPROCESS = {"resize": 256, "crop": [224, 224], "mean": [123.675, 116.28, 103.53], "std": [58.395, 57.12, 57.375]}
"""torchvision's normalisation, of grey levels 0–255."""

CLASSES = list(_IMAGENET_CATEGORIES)
