"""The target functional of docs/formats.md, in PyTorch."""

import re

import torch


def score(logits, target, heads=None):
    """A class's logit, a weighted sum of logits, or a sum over heads of the expectation of each one's softmax; summed
    over the images. `heads`: those of network.json.
    """
    if "class" in target:
        classes = torch.as_tensor(target["class"], device=logits.device).expand(len(logits))
        return logits.gather(1, classes[:, None]).sum()
    if "weights" in target:
        return (logits @ torch.as_tensor(target["weights"], dtype=logits.dtype, device=logits.device)).sum()
    outputs = dict(
        zip([head["name"] for head in heads], logits.split([head["size"] for head in heads], 1), strict=True)
    )
    return sum(_expectation(outputs[term["head"]], term["expectation"]) for term in target["sum"])


def _expectation(logits, line):
    """Σ_i p_i·(a·i + b); `line` is such as "3·i−90"."""
    a, b = re.fullmatch(r"([-\d.]+)·i([+-][\d.]+)?", line.replace("−", "-").replace("*", "·").replace(" ", "")).groups()
    values = torch.arange(logits.shape[1], dtype=logits.dtype, device=logits.device) * float(a) + float(b or 0)
    return (logits.softmax(1) @ values).sum()
