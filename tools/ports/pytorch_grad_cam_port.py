"""pytorch-grad-cam, as its documentation uses it.

npx touchstone verify --port "cmd:python tools/ports/pytorch_grad_cam_port.py"
"""

import torch
from pytorch_grad_cam import GradCAM, GuidedBackpropReLUModel, HiResCAM
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

import touchstone

port = touchstone.Port("pytorch-grad-cam", "1.5.7")


def cam(job, method):
    with method(model=job.module, target_layers=[job.layer]) as extractor:
        maps = extractor(input_tensor=job.x, targets=[ClassifierOutputTarget(each) for each in job.classes])
    return torch.from_numpy(maps)[:, None]


@port.method("grad-cam")
def grad_cam(job):
    return cam(job, GradCAM)


@port.method("hires-cam")
def hires_cam(job):
    return cam(job, HiResCAM)


@port.method("guided-backprop")
def guided_backprop(job):
    """One image at a time: the library takes no batch."""
    if job.params["reduce"] != "none" or job.params["display"]:
        raise touchstone.Unsupported("the library gives the gradient of all channels")
    guided = GuidedBackpropReLUModel(model=job.module)
    rows = [guided(job.x[i : i + 1], target_category=each) for i, each in enumerate(job.classes)]
    gradient = torch.stack([torch.from_numpy(row).permute(2, 0, 1) for row in rows])
    return {"gradient": gradient, "attribution": gradient}


if __name__ == "__main__":
    touchstone.serve(port)
