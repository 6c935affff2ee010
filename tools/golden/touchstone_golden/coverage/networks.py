"""The networks of the table: torchvision's and timm's with random weights, on small images; or torchvision's with the
weights that it has downloaded, at their own size.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

import torch

from touchstone.network.export_torchvision import cache_folder


@dataclass(frozen=True)
class Tried:
    """`make()` gives the module; `shape`: [C,H,W] of its input; `cam`: parameters of Grad-CAM; `weights`: random, or
    which of its own.
    """

    library: str
    family: str
    name: str
    make: Callable[[], torch.nn.Module]
    shape: tuple[int, int, int] = (3, 96, 96)
    cam: dict = field(default_factory=dict)
    target: dict = field(default_factory=lambda: {"class": 7})
    weights: str = "random weights"


def tried(patterns=("*",), *, downloaded=False):
    """Those whose `library/name` matches one of the globs. `downloaded`: with torchvision's own weights."""
    every = _downloaded() if downloaded else [*_classification(), *_segmentation(), *_timm()]
    return [each for each in every if any(fnmatchcase(f"{each.library}/{each.name}", pattern) for pattern in patterns)]


_SIZES = {"inception": 96, "maxvit": 224}
"""Height and width where 64 does not fit."""


def _family(builder):
    """The file that a network's builder is in."""
    return builder.__module__.rsplit(".", 1)[1]


def _classification():
    import torchvision

    models = torchvision.models
    for name in models.list_models(module=models):
        family = _family(models.get_model_builder(name))
        size = _SIZES.get(family, 64)
        told = {
            "vision_transformer": {"image_size": size if name != "vit_h_14" else 56},
            "googlenet": {"transform_input": True, "aux_logits": False, "init_weights": False},
            "inception": {"transform_input": True, "aux_logits": False, "init_weights": False},
        }.get(family, {})
        size = told.get("image_size", size)
        yield Tried(
            "torchvision",
            family,
            name,
            lambda name=name, told=told: models.get_model(name, weights=None, **told),
            (3, size, size),
            _cam(family, name, size),
        )


def _cam(family, name, size):
    """Where the last map is no [N,C,H,W], the layer and how its tokens form one."""
    if family == "vision_transformer":
        depth = {"b": 12, "l": 24, "h": 32}[name.split("_")[1]]
        grid = size // int(name.split("_")[2])
        tokens = {"skip": 1, "grid": [grid, grid]}
        return {"layer": f"encoder.layers.encoder_layer_{depth - 1}.ln_1", "tokens": tokens}
    return {}


def _segmentation():
    import torchvision

    models = torchvision.models
    for name in models.list_models(module=models.segmentation):
        yield Tried(
            "torchvision",
            _family(models.get_model_builder(name)),
            name,
            lambda name=name: models.get_model(name, weights=None, weights_backbone=None),
            target={"class": 7, "pixel": [30, 41]},
        )


def _downloaded():
    """Whatever of torchvision's weights for classification is in PyTorch's cache: nothing is downloaded."""
    import torchvision

    models = torchvision.models
    cache = cache_folder()
    for name in models.list_models(module=models):
        for entry in models.get_model_weights(name):
            if not (cache / entry.url.rsplit("/", 1)[1]).exists():
                continue
            family = _family(models.get_model_builder(name))
            size = entry.transforms().crop_size[0]
            yield Tried(
                "torchvision",
                family,
                f"{name}.{entry.name}",
                lambda name=name, entry=entry: models.get_model(name, weights=entry),
                (3, size, size),
                _cam(family, name, size),
                weights=f"its weights {entry.name}",
            )


_TIMM = (
    "resnet18d",
    "resnetv2_50",
    "ecaresnet26t",
    "seresnext26t_32x4d",
    "skresnet18",
    "res2net50_26w_4s",
    "resnest14d",
    "dpn48b",
    "dla34",
    "hrnet_w18_small",
    "selecsls42b",
    "inception_v4",
    "xception41p",
    "nf_regnet_b0",
    "tf_efficientnetv2_b0",
    "mixnet_s",
    "ghostnet_100",
    "rexnet_100",
    "mobilenetv4_conv_small",
    "fbnetc_100",
    "lcnet_050",
    "repvgg_a0",
    "mobileone_s0",
    "cspresnet50",
    "darknet53",
    "ese_vovnet19b_dw",
    "gernet_s",
    "regnetz_b16",
    "convnextv2_atto",
    "convmixer_768_32",
    "poolformer_s12",
    "starnet_s1",
    "edgenext_xx_small",
    "mobilevit_xxs",
    "vit_tiny_patch16_224",
    "deit_tiny_patch16_224",
    "mixer_s32_224",
    "swin_tiny_patch4_window7_224",
    "pvt_v2_b0",
)
_TOLD = {
    "vit_tiny_patch16_224": {"img_size": 64},
    "deit_tiny_patch16_224": {"img_size": 64},
    "mixer_s32_224": {"img_size": 64},
    "swin_tiny_patch4_window7_224": {"img_size": 64, "window_size": 4},
}


_LAYERS = {
    "vit_tiny_patch16_224": {"layer": "blocks.11.norm1", "tokens": {"skip": 1, "grid": [4, 4]}},
    "deit_tiny_patch16_224": {"layer": "blocks.11.norm1", "tokens": {"skip": 1, "grid": [4, 4]}},
    "mixer_s32_224": {"layer": "blocks.7.norm2", "tokens": {"skip": 0, "grid": [2, 2]}},
    "pvt_v2_b0": {"layer": "stages.3.blocks.1.mlp.dwconv"},
    "swin_tiny_patch4_window7_224": {"layer": "norm", "channelsLast": True},
}
"""Of those that work on tokens, or with channels last, after their last map."""


def _timm():
    import timm

    for name in _TIMM:
        told = _TOLD.get(name, {})
        size = told.get("img_size", 96)
        yield Tried(
            "timm",
            _family(timm.models.model_entrypoint(name)),
            name,
            lambda name=name, told=told: timm.create_model(name, pretrained=False, **told),
            (3, size, size),
            _LAYERS.get(name, {}),
        )
