"""Which networks of torchvision and timm are supported, proved by a run: `python -m touchstone_golden.coverage`."""
