"""Captum, as its documentation uses it.

npx touchstone verify --port "cmd:python tools/ports/captum_port.py"
"""

from unittest import mock

import torch
from captum.attr import (
    Deconvolution,
    GuidedBackprop,
    LayerActivation,
    LayerAttribution,
    LayerGradCam,
    NoiseTunnel,
    Saliency,
)

import touchstone
from image_gradients import stages

port = touchstone.Port("captum", "0.9.0")


@port.method("saliency")
def saliency(job):
    return stages(job, "gradient", Saliency(job.module).attribute(job.x, target=classes(job), abs=False))


@port.method("guided-backprop")
def guided_backprop(job):
    return stages(job, "gradient", GuidedBackprop(job.module).attribute(job.x, target=classes(job)))


@port.method("deconv")
def deconv(job):
    return stages(job, "gradient", Deconvolution(job.module).attribute(job.x, target=classes(job)))


@port.method("smooth-grad")
def smooth_grad(job):
    """Image by image, because `stdevs` is one number for the batch, and with the stored noise."""
    average, noise = job.params["average"], job.fixtures["noise"][: job.params["samples"]]
    kind = {"mean-of-squares": "smoothgrad_sq", "variance": "vargrad"}.get(average, "smoothgrad")
    tunnel, rows = NoiseTunnel(Saliency(job.module)), []
    for i, target in enumerate(job.classes):
        x = job.x[i : i + 1]
        sigma = job.params["fraction"] * float(x.max() - x.min())
        options = {"nt_type": kind, "nt_samples": len(noise), "stdevs": sigma, "abs": average == "abs-then-mean"}
        with mock.patch("torch.normal", lambda *_, i=i, sigma=sigma: sigma * noise[:, i]):
            rows.append(tunnel.attribute(x, target=target, **options))
    return stages(job, "average", torch.cat(rows))


@port.method("grad-cam")
def grad_cam(job):
    attribution = LayerGradCam(job.module, job.layer).attribute(job.x, target=classes(job))
    return LayerAttribution.interpolate(attribution, tuple(job.x.shape[2:]))


@port.method("activations")
def activations(job):
    if any("#" in stage for stage in job.want):
        raise touchstone.Unsupported("a layer that is called several times: the library has one answer")
    layers = job.params["layers"] or [path for path, part in job.module.named_modules() if not list(part.children())]
    seen = {path: LayerActivation(job.module, job.module.get_submodule(path)).attribute(job.x) for path in layers}
    return {**seen, "attribution": seen[layers[-1]]}


def classes(job):
    return torch.tensor(job.classes)


if __name__ == "__main__":
    touchstone.serve(port)
