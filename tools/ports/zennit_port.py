"""zennit, as its documentation uses it.

npx touchstone verify --port "cmd:python tools/ports/zennit_port.py"
"""

from unittest import mock

import torch
from zennit.attribution import Gradient, SmoothGrad
from zennit.composites import DeconvNet, GuidedBackprop

import touchstone
from image_gradients import stages

port = touchstone.Port("zennit", "0.5.1")


def attributed(job, attributor):
    """The gradient of the logits with respect to the image, from ones at the classes."""
    with attributor:
        _, gradient = attributor(job.x, lambda logits: torch.eye(logits.shape[1])[job.classes])
    return gradient


@port.method("saliency")
def saliency(job):
    return stages(job, "gradient", attributed(job, Gradient(model=job.module)))


@port.method("guided-backprop")
def guided_backprop(job):
    return stages(job, "gradient", attributed(job, Gradient(model=job.module, composite=GuidedBackprop())))


@port.method("deconv")
def deconv(job):
    return stages(job, "gradient", attributed(job, Gradient(model=job.module, composite=DeconvNet())))


@port.method("smooth-grad")
def smooth_grad(job):
    """With the stored noise."""
    if job.params["average"] != "mean-then-abs":
        raise touchstone.Unsupported("the library averages the gradients")
    noise = iter(job.fixtures["noise"][: job.params["samples"]])
    attributor = SmoothGrad(model=job.module, noise_level=job.params["fraction"], n_iter=job.params["samples"])

    with mock.patch("torch.randn_like", lambda *_: next(noise)):
        return stages(job, "average", attributed(job, attributor))


if __name__ == "__main__":
    touchstone.serve(port)
