"""A toy set of two classes in the plane: a disc of half the area of a square (Fleuret, course notes)."""

import numpy as np
import torch

POINTS = 200


def disc():
    """Points [200,2,1,1] drawn evenly from [−1,1]², float32."""
    draw = np.random.default_rng(5)
    return torch.from_numpy(draw.uniform(-1, 1, (POINTS, 2, 1, 1)).astype(np.float32))


def disc_labels(points):
    """1 inside of the disc, 0 outside, for points [N,2,1,1]."""
    return (points.flatten(1).square().sum(1) < 2 / np.pi).long()
