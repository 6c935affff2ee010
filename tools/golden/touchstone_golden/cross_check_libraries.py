"""How to ask each library. Every function returns stage → tensor, to be compared with the golden's stage."""

from contextlib import contextmanager

import torch
from captum.attr import (
    Deconvolution,
    GuidedBackprop,
    LayerActivation,
    LayerGradCam,
    LayerGradientXActivation,
    NoiseTunnel,
    Saliency,
)
from pytorch_grad_cam import GradCAM, GuidedBackpropReLUModel, HiResCAM
from zennit.attribution import Gradient, SmoothGrad
from zennit.composites import DeconvNet
from zennit.composites import GuidedBackprop as ZennitGuided

from .torch_rules import heads_of, last_map, reduce, score


class _Scored(torch.nn.Module):
    """A network whose only output is a target that is not a class, [N,1]."""

    def __init__(self, network, target):
        super().__init__()
        self.network, self.target, self.heads = network, target, heads_of(network)

    def forward(self, x):
        rows = enumerate(self.network(x))
        return torch.stack([score(row[None], _of_image(self.target, i), self.heads) for i, row in rows])[:, None]


def _of_image(target, i):
    """The target of image i alone."""
    return {**target, "class": target["class"][i]} if isinstance(target.get("class"), list) else target


def _question(on, case):
    """Network, input and classes in the form that Captum takes: targets are class numbers."""
    if list(case.target) != ["class"]:
        return _Scored(on.network, case.target), on.x.clone(), 0
    return on.network, on.x.clone(), torch.as_tensor(case.target["class"]).expand(len(on.x))


def _layer(on, case):
    return on.network.get_submodule(case.params.get("layer") or last_map(on.network, on.x))


def captum_gradient(method):
    def ask(on, case, stages):
        network, x, target = _question(on, case)
        more = {"abs": False} if method is Saliency else {}
        return {"gradient": method(network).attribute(x.requires_grad_(), target=target, **more).detach()}

    return ask


def zennit_gradient(composite):
    def ask(on, case, stages):
        attributor = Gradient(on.network, composite=composite and composite(), attr_output=_seed(on, case))
        with attributor:
            return {"gradient": attributor(on.x.clone())[1].detach()}

    return ask


def _seed(on, case):
    def seed(logits):
        leaf = logits.detach().clone().requires_grad_()
        return torch.autograd.grad(score(leaf, case.target, heads_of(on.network)), leaf)[0]

    return seed


def pgc_guided(on, case, stages):
    """One image at a time: the library takes no batch, and no target but a class."""
    if list(case.target) != ["class"]:
        return {}
    classes = torch.as_tensor(case.target["class"]).expand(len(on.x)).tolist()
    answers = [GuidedBackpropReLUModel(on.network)(on.x[i : i + 1].clone(), k) for i, k in enumerate(classes)]
    return {"gradient": torch.stack([torch.from_numpy(a).permute(2, 0, 1) for a in answers])}


@contextmanager
def _noise(owner, name, draws):
    """The stored noise instead of the library's own random numbers."""
    draws, drawn = iter(draws), getattr(owner, name)
    setattr(owner, name, lambda *args, **kwargs: next(draws))
    try:
        yield
    finally:
        setattr(owner, name, drawn)


def captum_smooth_grad(on, case, stages):
    """Image by image, because Captum's sigma is one number for the batch."""
    kind = {
        "mean-then-abs": "smoothgrad",
        "mean-of-squares": "smoothgrad_sq",
        "variance": "vargrad",
        "abs-then-mean": "smoothgrad",
    }
    average = case.params.get("average", "mean-then-abs")
    network, x, target = _question(on, case)
    noise = on.fixtures["noise"][: case.params["samples"]]
    answers = []
    for i in range(len(x)):
        sigma = float(stages["sigma"][i])
        with _noise(torch, "normal", [sigma * noise[:, i]]):
            answers.append(
                NoiseTunnel(Saliency(network)).attribute(
                    x[i : i + 1], nt_type=kind[average], nt_samples=len(noise), nt_samples_batch_size=len(noise),
                    stdevs=max(sigma, 1e-300),
                    target=target if isinstance(target, int) else target[i : i + 1],
                    abs=average == "abs-then-mean",
                )
            )  # fmt: skip
    return {"average": torch.cat(answers).detach()}


def zennit_smooth_grad(on, case, stages):
    noise = on.fixtures["noise"][: case.params["samples"]]
    attributor = SmoothGrad(
        on.network, attr_output=_seed(on, case), noise_level=case.params.get("fraction", 0.15), n_iter=len(noise)
    )
    sigma = stages["sigma"][:, None, None, None]
    with _noise(torch, "randn_like", list(noise)), _noise(torch, "normal", list(sigma * noise)), attributor:
        return {"average": attributor(on.x.clone())[1].detach()}


def captum_grad_cam(on, case, stages):
    """The raw map; `attribution` with Captum's own way of stretching it, which does not normalise: so the golden's
    maximum is applied.
    """
    network, x, target = _question(on, case)
    raw = LayerGradCam(network, _layer(on, case)).attribute(x, target=target, relu_attributions=True).detach()
    top = raw.amax((2, 3), keepdim=True)
    stretched = LayerGradCam.interpolate(torch.where(top > 0, raw / top, 0), x.shape[2:])
    return {"map": raw, "attribution": stretched}


def captum_hires_cam(on, case, stages):
    """The elements' products, which Captum does not sum over the channels."""
    network, x, target = _question(on, case)
    products = LayerGradientXActivation(network, _layer(on, case)).attribute(x, target=target).detach()
    return {"map": _rectified(products.sum(1, keepdim=True), case)}


def pgc_map(method):
    """The raw map from the library's own weights and sums, and its finished map."""

    def ask(on, case, stages):
        x = on.x.clone()
        if list(case.target) != ["class"]:
            heads = heads_of(on.network)
            targets = [lambda out, i=i: score(out[None], _of_image(case.target, i), heads) for i in range(len(x))]
        else:
            targets = [lambda out, k=k: out[k] for k in torch.as_tensor(case.target["class"]).expand(len(x)).tolist()]
        with method(on.network.requires_grad_(True), [_layer(on, case)]) as cam:
            finished = cam(x, targets)
            seen = cam.activations_and_grads
            A, g = seen.activations[-1].numpy(), seen.gradients[-1].numpy()
            raw = torch.from_numpy(cam.get_cam_image(x, None, targets, A, g, False))[:, None]
        return {"map": _rectified(raw, case), "attribution": torch.from_numpy(finished)[:, None]}

    return ask


def _rectified(raw, case):
    return raw.clamp(min=0) if case.params.get("relu", True) else raw


def captum_cam(on, case, stages):
    """On a network with global average pooling, Grad-CAM without its ReLU times the map's size is CAM."""
    network, x, target = _question(on, case)
    raw = LayerGradCam(network, _layer(on, case)).attribute(x, target=target, relu_attributions=False).detach()
    return {"attribution": raw * raw.shape[2] * raw.shape[3]}


def pgc_cam(on, case, stages):
    size = stages["attribution"].shape[2] * stages["attribution"].shape[3]
    x = on.x.clone()
    with GradCAM(on.network.requires_grad_(True), [_layer(on, case)]) as cam:
        weights = case.target.get("weights")
        classes = None if weights else torch.as_tensor(case.target["class"]).expand(len(x)).tolist()
        targets = [
            lambda out, i=i: (out * torch.tensor(weights, dtype=x.dtype)).sum() if weights else out[classes[i]]
            for i in range(len(x))
        ]
        cam(x, targets)
        seen = cam.activations_and_grads
        raw = cam.get_cam_image(x, None, targets, seen.activations[-1].numpy(), seen.gradients[-1].numpy())
    return {"attribution": size * torch.from_numpy(raw)[:, None]}


def captum_activations(on, case, stages):
    """The layers that are called once; for the others Captum has no answer per call."""
    names = [name for name in stages if name not in ("logits", "attribution")]
    once = [name for name in names if "#" not in name and f"{name}#2" not in names]
    return {
        name: LayerActivation(on.network, on.network.get_submodule(name)).attribute(on.x.clone()).detach()
        for name in once
    }


LIBRARIES = {
    "saliency": {"captum.Saliency": captum_gradient(Saliency), "zennit.Gradient": zennit_gradient(None)},
    "smooth-grad": {"captum.NoiseTunnel": captum_smooth_grad, "zennit.SmoothGrad": zennit_smooth_grad},
    "deconv": {"captum.Deconvolution": captum_gradient(Deconvolution), "zennit.DeconvNet": zennit_gradient(DeconvNet)},
    "guided-backprop": {
        "captum.GuidedBackprop": captum_gradient(GuidedBackprop),
        "zennit.GuidedBackprop": zennit_gradient(ZennitGuided),
        "pytorch-grad-cam.GuidedBackpropReLUModel": pgc_guided,
    },
    "cam": {"captum.LayerGradCam": captum_cam, "pytorch-grad-cam.GradCAM": pgc_cam},
    "grad-cam": {"captum.LayerGradCam": captum_grad_cam, "pytorch-grad-cam.GradCAM": pgc_map(GradCAM)},
    "hires-cam": {
        "captum.LayerGradientXActivation": captum_hires_cam,
        "pytorch-grad-cam.HiResCAM": pgc_map(HiResCAM),
    },
    "activations": {"captum.LayerActivation": captum_activations},
}
"""Method → library.class → how it is asked."""
