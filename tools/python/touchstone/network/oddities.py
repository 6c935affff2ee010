"""What tracing cannot see of a module: hooks, parametrisations, wrappers, a forward set on the instance."""

import torch
from torch import nn
from torch.nn.modules import module as every_module
from torch.nn.utils import parametrize

from .canonical import ORIGINAL
from .faults import ExportError

_GLOBAL_HOOKS = (
    "_global_forward_pre_hooks",
    "_global_forward_hooks",
    "_global_backward_pre_hooks",
    "_global_backward_hooks",
)
_HOOKS = {
    "_forward_pre_hooks": "register_forward_pre_hook",
    "_forward_hooks": "register_forward_hook",
    "_backward_pre_hooks": "register_full_backward_pre_hook",
    "_backward_hooks": "register_full_backward_hook",
}


def network_of(given):
    """The module to export: `given` itself, or what nn.DataParallel wraps. Raises ExportError for anything else."""
    if isinstance(given, torch.jit.ScriptModule | torch.jit.ScriptFunction):
        raise ExportError(f"module is TorchScript ({type(given).__name__}); {ORIGINAL}")
    if not isinstance(given, nn.Module):
        raise ExportError(f"module must be a torch.nn.Module, found {type(given).__name__}; give the network itself")
    if isinstance(given, nn.DataParallel | nn.parallel.DistributedDataParallel):
        return network_of(given.module)
    for name in _GLOBAL_HOOKS:
        if getattr(every_module, name):
            raise ExportError(f"the network: torch.nn has hooks of every module ({name[1:]}); remove them first")
    for name, tensor in given.named_parameters():
        if nn.parameter.is_lazy(tensor):
            raise ExportError(f"{name}: is not initialised; call the module on an input first")
    for name, tensor in [*given.named_parameters(), *given.named_buffers()]:
        kinds = type(tensor).__mro__[: type(tensor).__mro__.index(torch.Tensor)]
        if any("__torch_function__" in vars(kind) for kind in kinds if kind is not nn.Parameter):
            raise ExportError(f"{name}: is a {type(tensor).__name__} with functions of its own; give a plain tensor")
    for path, part in given.named_modules():
        if isinstance(part, torch.jit.ScriptModule):
            raise ExportError(f"{path} ({type(part).__name__}): is TorchScript; {ORIGINAL}")
    return given


def refuse_oddities(module, path):
    """Raises ExportError, saying what was found and what to do."""
    where = f"{path or 'the network'} ({type(module).__name__})"
    if isinstance(module, nn.DataParallel | nn.parallel.DistributedDataParallel):
        raise ExportError(f"{where}: wraps a module; replace it by its .module")
    if hasattr(module, "_orig_mod"):
        raise ExportError(f"{where}: is compiled; give the module before torch.compile, which is ._orig_mod")
    if module._compiled_call_impl is not None:
        raise ExportError(f"{where}: is compiled in place; give it without the call of compile()")
    if parametrize.is_parametrized(module):
        names = [
            f"{name} ({', '.join(type(each).__name__ for each in several)})"
            for name, several in module.parametrizations.items()
        ]
        raise ExportError(
            f"{where}: has parametrisations of {', '.join(names)}; "
            "remove them first with torch.nn.utils.parametrize.remove_parametrizations"
        )
    for attribute, registered in _HOOKS.items():
        for hook in getattr(module, attribute).values():
            raise ExportError(f"{where}: {_about(hook, registered)}")
    if "forward" in vars(module):
        raise ExportError(f"{where}: its forward is set on the instance; define it in the class")


def _about(hook, registered):
    """What a hook is, and how to remove it. Old-style norms and pruning are hooks too."""
    kind = type(hook)
    if any(base.__name__ == "BasePruningMethod" for base in kind.__mro__):
        return (
            f"has a pruning mask on {hook._tensor_name} ({kind.__name__}), kept by hooks; "
            f'make it permanent first with torch.nn.utils.prune.remove(module, "{hook._tensor_name}")'
        )
    for name, remedy in {"WeightNorm": "remove_weight_norm", "SpectralNorm": "remove_spectral_norm"}.items():
        if kind.__name__ == name:
            return f"has {name} on {hook.name}, kept by hooks; remove it first with torch.nn.utils.{remedy}(module)"
    name = getattr(hook, "__qualname__", kind.__name__)
    return f"has hooks, such as {name} of {registered}; remove them first"
