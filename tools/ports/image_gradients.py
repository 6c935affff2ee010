"""What ports of libraries that give the gradient of the image have in common."""

import touchstone

OVER_CHANNELS = {
    "none": lambda g: g,
    "abs-max": lambda g: g.abs().amax(1, keepdim=True),
    "abs-sum": lambda g: g.abs().sum(1, keepdim=True),
}


def stages(job, stage, gradient):
    """Signed values [N,C,H,W], and what the case asks for."""
    if job.params["display"]:
        raise touchstone.Unsupported('the stage "display"')
    return {stage: gradient, "attribution": OVER_CHANNELS[job.params["reduce"]](gradient)}
