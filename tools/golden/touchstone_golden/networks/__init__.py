"""The networks of `golden/networks`: a zoo of small ones, trained digits, EfficientNet-Lite0, those of the worked
examples, and torchvision's with seeded weights.
"""

import torch

from touchstone.network.export import export_network

from . import attention, maps, mobile, own_layers, signals
from . import classics, digits, efficientnet, geometry, heads, perceptron, pooling, relu, residual, worked

ZOO = [*relu.ENTRIES, *residual.ENTRIES, *pooling.ENTRIES, *heads.ENTRIES, *geometry.ENTRIES]
ENTRIES = [*ZOO, *digits.ENTRIES, *efficientnet.ENTRIES, *worked.ENTRIES, *perceptron.ENTRIES, *classics.ENTRIES]
ENTRIES += [each for part in (own_layers, mobile, maps, attention, signals) for each in part.ENTRIES]


def write_networks(folder, names=()):
    """Exports the named networks (all, without names) to `folder/<name>`; yields each entry when it is written."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # the order of sums, and so the trained bits, must not depend on the machine's load
    try:
        for entry in ENTRIES:
            if not names or entry.name in names:
                generator = torch.Generator().manual_seed(0)
                example = (entry.example or (lambda g: torch.randn(2, *entry.shape, generator=g)))(generator)
                export_network(
                    entry.build(),
                    example,
                    folder / entry.name,
                    why=entry.why,
                    classes=entry.classes,
                    preprocess=entry.preprocess,
                    heads=entry.heads,
                    seed=entry.seed,
                )
                yield entry
    finally:
        torch.set_num_threads(threads)
