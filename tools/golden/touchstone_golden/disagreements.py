"""Why a library's answer differs: each reason is a small change of the reference that must reproduce the library's
answer.
"""

import torch
from torch.nn import functional as F

from . import torch_rules
from .cases import reference
from .maker import errors

CLOSE = 1e-5
"""Relative, in both norms: pytorch-grad-cam finishes its maps in float32."""


def explanation(library, stage, on, case, answer):
    """The first reason that reproduces `answer`, as a sentence, or None."""
    for begins, wanted, sentence, reproduce in REASONS:
        if library.startswith(begins) and stage == wanted:
            told = reproduce(on, case)
            if told is not None and told.shape == answer.shape and max(errors(answer, told).values()) < CLOSE:
                return sentence
    return None


def _explain(on, case, stage, **changes):
    fixtures = changes.get("fixtures", on.fixtures)
    return reference(case.method).explain(on.network, on.x, case.target, changes.get("params", case.params), fixtures)[
        stage
    ]


def _last_sample_clean(on, case):
    noise = on.fixtures["noise"][: case.params["samples"]].clone()
    noise[-1] = 0
    return _explain(on, case, "average", fixtures={"noise": noise}, params={**case.params, "average": "mean-then-abs"})


class _OnlyReluModules(torch_rules.relu_rule):
    """Within this context only calls of nn.ReLU have the rule; with `copies`, in-place modules are called on copies."""

    def __init__(self, network, own_mask, copies):
        super().__init__(own_mask)
        self.inside, self.copies = 0, copies
        self.modules = [m for m in network.modules() if type(m) is torch.nn.ReLU]

    def __enter__(self):
        def enter(module, args):
            self.inside += 1
            return tuple(a.clone() for a in args) if self.copies else args

        def leave(module, args, out):
            self.inside -= 1

        self.hooks = [m.register_forward_pre_hook(enter) for m in self.modules] + [
            m.register_forward_hook(leave) for m in self.modules
        ]
        return super().__enter__()

    def __exit__(self, *error):
        for hook in self.hooks:
            hook.remove()
        return super().__exit__(*error)

    def __torch_function__(self, function, types, args=(), kwargs=None):
        if self.inside:
            return super().__torch_function__(function, types, args, kwargs)
        return function(*args, **(kwargs or {}))


def _rule_on_modules(copies):
    def reproduce(on, case):
        with _OnlyReluModules(on.network, case.method == "guided-backprop", copies):
            return torch_rules.gradient(on.network, on.x, case.target)[1]

    return reproduce


def _clamp_on_tensor(on, case):
    """Captum's mechanism: a hook on the tensor that a ReLU module reads, so on the sum of all its gradients."""
    guided = case.method == "guided-backprop"

    def before(module, args):
        (x,) = args
        arrived = []
        module.arrived = arrived
        if x.requires_grad:
            x.register_hook(lambda g: (g if guided or not arrived else arrived.pop()).clamp(min=0))
        return (x.clone(),)

    def after(module, args, out):
        if out.requires_grad:
            arrived = module.arrived
            out.register_hook(lambda g: arrived.append(g))

    relus = [m for m in on.network.modules() if type(m) is torch.nn.ReLU]
    hooks = [m.register_forward_pre_hook(before) for m in relus] + [m.register_forward_hook(after) for m in relus]
    try:
        return torch_rules.gradient(on.network, on.x, case.target)[1]
    finally:
        for hook in hooks:
            hook.remove()


def _nearest(on, case):
    return F.interpolate(_explain(on, case, "normalised"), on.x.shape[2:], mode="nearest")


def _min_max(raw, size):
    """Scaled to [0,1] by minimum and maximum, resized, scaled again; 1e-7 in the denominators."""

    def scaled(t):
        t = t - t.amin((2, 3), keepdim=True)
        return t / (1e-7 + t.amax((2, 3), keepdim=True))

    return scaled(F.interpolate(scaled(raw).float(), size, mode="bilinear", align_corners=False))


def _finished(on, case):
    return _min_max(_explain(on, case, "map"), on.x.shape[2:])


def _finished_rectified(on, case):
    return _min_max(_explain(on, case, "map").relu(), on.x.shape[2:])


def _map(case, A, g):
    """Grad-CAM's or HiResCAM's, from the activations and the gradient."""
    weights = g if case.method == "hires-cam" else g.mean((2, 3), keepdim=True)
    return (weights * A).sum(1, keepdim=True).relu()


def _overwritten(on, case):
    return _map(case, _explain(on, case, "activations").relu(), _explain(on, case, "gradient"))


def _finished_overwritten(on, case):
    return _min_max(_overwritten(on, case), on.x.shape[2:])


def _finished_first_call(on, case):
    calls = []

    def note(module, args, out):
        calls.append([out.detach().clone(), None])
        out.register_hook(lambda g, seen=calls[-1]: seen.__setitem__(1, g))

    hook = (
        on.network.get_submodule(case.params["layer"]).register_forward_hook(note) if case.params.get("layer") else None
    )
    if hook is None:
        return None
    torch_rules.gradient(on.network, on.x, case.target)
    hook.remove()
    return _min_max(_map(case, *calls[0]), on.x.shape[2:])


MODULES_ONLY = "replaces the rule of nn.ReLU modules only: functional ReLUs and every ReLU6 keep their own gradient"
NOT_IN_PLACE = "runs in-place ReLU modules on copies, so that a skip carries the earlier values: another network"
MIN_MAX = "scales by minimum and maximum with 1e-7 in the denominator, before and after resizing, in float32"
OVERWRITTEN = "keeps the activations by reference, so an in-place ReLU after the layer overwrites them"
REASONS = [
    (
        "zennit.SmoothGrad",
        "average",
        "its last sample has no noise, and it knows only the mean of signed gradients",
        _last_sample_clean,
    ),
    ("captum", "gradient", MODULES_ONLY, _rule_on_modules(copies=False)),
    ("zennit", "gradient", MODULES_ONLY, _rule_on_modules(copies=False)),
    ("pytorch-grad-cam", "gradient", MODULES_ONLY, _rule_on_modules(copies=False)),
    ("zennit", "gradient", NOT_IN_PLACE, _rule_on_modules(copies=True)),
    ("pytorch-grad-cam", "gradient", NOT_IN_PLACE, _rule_on_modules(copies=True)),
    (
        "captum",
        "gradient",
        "its hook is on the tensor that the ReLU reads, so at a skip it changes the summed gradient; "
        "in-place ReLUs run on copies",
        _clamp_on_tensor,
    ),
    ("captum", "attribution", "`LayerAttribution.interpolate` takes the nearest pixel by default", _nearest),
    ("pytorch-grad-cam", "attribution", MIN_MAX, _finished),
    ("pytorch-grad-cam", "attribution", f"has no map without the ReLU; and {MIN_MAX}", _finished_rectified),
    ("pytorch-grad-cam", "map", OVERWRITTEN, _overwritten),
    ("pytorch-grad-cam", "attribution", f"{OVERWRITTEN}; and {MIN_MAX}", _finished_overwritten),
    (
        "pytorch-grad-cam",
        "attribution",
        f"takes the first call of a layer that is called twice; and {MIN_MAX}",
        _finished_first_call,
    ),
]
"""Library (the beginning of its name), stage, reason, reproduction."""
