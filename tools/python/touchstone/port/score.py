"""The target functional of docs/formats.md, in PyTorch."""

import re

import torch


def score(output, target, heads=None):
    """What is differentiated, summed over the images. `output`: logits [N,classes], or maps of them [N,classes,h,w].
    `heads`: those of network.json.
    """
    if "sum" in target:
        return sum(_expectation(_head(output, term["head"], heads), term["expectation"]) for term in target["sum"])
    if "head" in target:
        output = _head(output, target["head"], heads)
    if "similarity" in target:
        vector = torch.as_tensor(target["similarity"], dtype=output.dtype, device=output.device)
        return torch.cosine_similarity(output, vector[None]).sum()
    if "weights" in target:
        weights = torch.as_tensor(target["weights"], dtype=output.dtype, device=output.device)
        return _place(torch.tensordot(output, weights, ([1], [0])), target).sum()
    classes = torch.as_tensor(target["class"], device=output.device).expand(len(output))
    wanted = _scores(output, target.get("of", "logit"), classes)
    if target.get("region") == "argmax":
        return wanted[output.argmax(1) == classes[:, None, None]].sum()
    return _place(wanted, target).sum()


def _scores(output, of, classes):
    """[N] or [N,h,w]"""
    if of == "probability":
        output = output.softmax(1)
    elif of == "log-probability":
        output = output.log_softmax(1)
    return torch.stack([image[index] for image, index in zip(output, classes, strict=True)])


def _place(values, target):
    """The pixel or the region of [N,h,w] that the target names."""
    if "pixel" in target:
        y, x = target["pixel"]
        return values[:, y, x]
    if "region" in target:
        y0, x0, y1, x1 = target["region"]
        return values[:, y0:y1, x0:x1]
    return values


def _head(output, name, heads):
    first = 0
    for head in heads or ():
        if head["name"] == name:
            return output[:, first : first + head["size"]]
        first += head["size"]
    raise ValueError(f"the network has no head {name!r}")


def _expectation(logits, line):
    """Σ_i p_i·(a·i + b); `line` is such as "3·i−90"."""
    a, b = re.fullmatch(r"([-\d.]+)·i([+-][\d.]+)?", line.replace("−", "-").replace("*", "·").replace(" ", "")).groups()
    values = torch.arange(logits.shape[1], dtype=logits.dtype, device=logits.device) * float(a) + float(b or 0)
    return (logits.softmax(1) @ values).sum()
