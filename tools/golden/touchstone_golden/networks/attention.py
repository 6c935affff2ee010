"""Networks of tokens and windows."""

import torch
from torch import nn
from torchvision.models.convnext import CNBlockConfig, ConvNeXt
from torchvision.models.swin_transformer import SwinTransformer, SwinTransformerBlockV2, PatchMergingV2

from .entry import Entry, drawn, zoo_preprocess

_WIDE = (3, 24, 32)


class Tokens(nn.Module):
    """A vision transformer on a grid that is not square, written with PyTorch's own layers"""

    def __init__(self, grid=(3, 4), width=16, heads=2, depth=2, classes=6):
        super().__init__()
        self.patches = nn.Conv2d(3, width, 8, 8)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, width))
        self.pos_embed = nn.Parameter(torch.zeros(1, 1 + grid[0] * grid[1], width))
        self.blocks = nn.ModuleList(
            nn.TransformerEncoderLayer(
                width, heads, 2 * width, activation="gelu", batch_first=True, norm_first=True, layer_norm_eps=1e-6
            )
            for _ in range(depth)
        )
        self.norm = nn.LayerNorm(width, eps=1e-6)
        self.head = nn.Linear(width, classes)

    def forward(self, x):
        x = self.patches(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.cls_token.expand(x.shape[0], -1, -1), x], dim=1) + self.pos_embed
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x)[:, 0])


class Attention(nn.Module):
    """timm's: queries, keys and values of one linear layer, unbound from a view of five dimensions"""

    def __init__(self, width, heads):
        super().__init__()
        self.num_heads, self.scale = heads, (width // heads) ** -0.5
        self.qkv, self.proj = nn.Linear(width, 3 * width), nn.Linear(width, width)

    def forward(self, x):
        n, tokens, width = x.shape
        qkv = self.qkv(x).reshape(n, tokens, 3, self.num_heads, width // self.num_heads).permute(2, 0, 3, 1, 4)
        q, k, v = qkv.unbind(0)
        weights = ((q * self.scale) @ k.transpose(-2, -1)).softmax(dim=-1)
        return self.proj((weights @ v).transpose(1, 2).reshape(n, tokens, width))


class MeanTokens(nn.Module):
    """Without a class token: the mean of all tokens is classified, so that the last block has a gradient everywhere"""

    def __init__(self, width=12, heads=3, classes=6):
        super().__init__()
        self.patches = nn.Conv2d(3, width, 4, 4)
        self.norm1, self.attention = nn.LayerNorm(width), Attention(width, heads)
        self.norm2, self.mlp = (
            nn.LayerNorm(width),
            nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width)),
        )
        self.gamma = nn.Parameter(torch.ones(width))
        self.head = nn.Linear(width, classes)

    def forward(self, x):
        x = self.patches(x).flatten(2).transpose(1, 2)
        x = x + self.attention(self.norm1(x))
        x = x + self.gamma * self.mlp(self.norm2(x))
        return self.head(x.mean(1))


def _convnext():
    return ConvNeXt([CNBlockConfig(8, 12, 1), CNBlockConfig(12, None, 1)], stochastic_depth_prob=0.1, num_classes=6)


def _swin(version):
    kind = {} if version == 1 else {"block": SwinTransformerBlockV2, "downsample_layer": PatchMergingV2}
    return SwinTransformer([2, 2], 8, [2, 2], [2, 2], [4, 4], mlp_ratio=2.0, num_classes=6, **kind)


ENTRIES = [
    Entry(
        "tokens",
        "a vision transformer with a class token on a grid of 3×4: attention, LayerNorm with 1e-6, GELU by erf",
        _WIDE,
        lambda: drawn(331, Tokens()),
        preprocess=zoo_preprocess(_WIDE),
        seed=331,
    ),
    Entry(
        "mean-tokens",
        "attention written by hand, a scale per channel, the mean of all tokens instead of a class token",
        _WIDE,
        lambda: drawn(332, MeanTokens()),
        seed=332,
    ),
    Entry(
        "convnext-small",
        "torchvision's ConvNeXt with two stages: depthwise 7×7, channels last, LayerNorm over channels, layer scale",
        _WIDE,
        lambda: drawn(333, _convnext()),
        preprocess=zoo_preprocess(_WIDE),
        seed=333,
    ),
    Entry(
        "swin-small",
        "torchvision's Swin with windows that are shifted and padded: rolls, masks, a table of relative positions",
        _WIDE,
        lambda: drawn(334, _swin(1)),
    ),
    Entry(
        "swin-v2-small",
        "torchvision's SwinV2: cosine attention with a clamped, exponential scale, positions by a small network",
        _WIDE,
        lambda: drawn(335, _swin(2)),
    ),
]
