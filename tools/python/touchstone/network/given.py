"""What `example_input` is: images [N,C,H,W], signals [N,C,L] taken as [N,C,1,L], or a tuple of several images, which
stand side by side along the channels.
"""

import torch

from .canonical import plain
from .faults import ExportError

_NOTE = "; example_input of three dimensions was taken as signals [N,C,L], while images are [N,C,H,W]"


class Given:
    """`x`: [N,C,H,W], as `network.json` has it; `apart(x)`: what the module takes, by PyTorch; `steps(e, x)`: the same
    by steps of `network.json`; `note`: what to remember when it is refused.
    """

    def __init__(self, example):
        several = isinstance(example, (tuple, list))
        for each in example if several else [example]:
            _check(each, (4,) if several else (3, 4))
        if several and (len(example) < 2 or len({(len(each), *each.shape[2:]) for each in example}) > 1):
            raise ExportError("example_input: several inputs must have the same number, height and width of images")
        self.note = "" if several or example.dim() == 4 else _NOTE
        self._channels = [each.shape[1] for each in example] if several else None
        self._is_signal = not several and example.dim() == 3
        if several:
            example = torch.cat([plain(each) for each in example], 1)
        self.x = plain(example.unsqueeze(2) if self._is_signal else example)

    def apart(self, x):
        if self._is_signal:
            return [x.reshape(x.shape[0], x.shape[1], x.shape[3])]
        return list(x.split(self._channels, 1)) if self._channels else [x]

    def steps(self, e, x):
        if self._is_signal:
            return [e("reshape", x, shape=[x.shape[0], x.shape[1], x.shape[3]])]
        if not self._channels:
            return [x]
        ends = [sum(self._channels[: count + 1]) for count in range(len(self._channels))]
        return [
            e("slice", x, dim=1, start=end - size, end=end, step=1)
            for end, size in zip(ends, self._channels, strict=True)
        ]

    def of_images(self, count):
        """Inputs like the example's, all different."""
        generator = torch.Generator().manual_seed(count)
        images = self.x[torch.arange(count) % len(self.x)]
        spread = float(images.std()) if images.numel() > 1 else 0.0
        return images + (spread or 1.0) * 0.5 * torch.randn(images.shape, generator=generator)


def _check(example, dimensions):
    if not isinstance(example, torch.Tensor) or example.dtype != torch.float32 or example.device.type != "cpu":
        raise ExportError("example_input must be a float32 tensor [N,C,H,W] on the CPU, [N,C,L], or a tuple of several")
    if example.dim() not in dimensions:
        raise ExportError(f"example_input must be [N,C,H,W] or [N,C,L], found {list(example.shape)}")
    if not len(example):
        raise ExportError("example_input must hold at least one image")
    if not bool(example.isfinite().all()):
        raise ExportError("example_input holds NaN or infinite values")
