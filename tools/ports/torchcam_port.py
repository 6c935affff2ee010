"""torch-cam, as its documentation uses it. Its map has the size of the layer; it is enlarged with PyTorch.

npx touchstone verify --port "cmd:python tools/ports/torchcam_port.py"
"""

from torch.nn.functional import interpolate
from torchcam.methods import CAM, GradCAM

import touchstone

port = touchstone.Port("torch-cam", "0.5.0")


@port.method("grad-cam")
def grad_cam(job):
    with GradCAM(job.module, job.layer) as extractor:
        (map_,) = extractor(job.classes, job.module(job.x.requires_grad_()))
    return interpolate(map_[:, None], job.x.shape[2:], mode="bilinear")


@port.method("cam")
def cam(job):
    linear = job.module.get_submodule(job.params["linear"])
    with CAM(job.module, job.layer, linear, input_shape=tuple(job.x.shape[1:])) as extractor:
        (map_,) = extractor(job.classes, job.module(job.x))
    return map_[:, None]


if __name__ == "__main__":
    touchstone.serve(port)
