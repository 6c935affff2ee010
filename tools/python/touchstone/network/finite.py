"""An answer that holds NaN or ∞ is refused where it arises."""

import torch

from .canonical import plain
from .faults import ExportError


def refuse_non_finite(module, run, x, answer):
    """Raises ExportError, naming the innermost module that made it, if `answer`, which is `run(x)`, is not finite."""
    if _is_finite(answer):
        return
    found = []

    def look(path):
        def hook(part, _args, output):
            if isinstance(output, torch.Tensor) and not _is_finite(output) and not found:
                found.append(f"{path or 'the network'} ({type(part).__name__})")

        return hook

    hooks = [part.register_forward_hook(look(path)) for path, part in module.named_modules()]
    try:
        run(plain(x))
    finally:
        for hook in hooks:
            hook.remove()
    where = found[0] if found else "the network"
    raise ExportError(f"{where}: its output for example_input is NaN or infinite; correct its weights or the input")


def _is_finite(tensor):
    return bool(tensor.isfinite().all())
