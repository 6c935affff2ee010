"""A port for Touchstone: your implementation, with a function per method.

npx touchstone port check --port "cmd:python port.py"
npx touchstone verify --port "cmd:python port.py"
"""

import touchstone

port = touchstone.Port("my port", "1.0.0")


@port.method("saliency")
def saliency(job):
    """The gradient of the target's score with respect to the image. Replace it by a call of your own code."""
    if job.params["display"]:
        raise touchstone.Unsupported('the stage "display"')
    x = job.x.requires_grad_()
    job.score(job.module(x + 0)).backward()  # + 0: the network may change its input in place
    over_channels = {
        "none": lambda g: g,
        "abs-max": lambda g: g.abs().amax(1, keepdim=True),
        "abs-sum": lambda g: g.abs().sum(1, keepdim=True),
    }
    return {"gradient": x.grad, "attribution": over_channels[job.params["reduce"]](x.grad)}


if __name__ == "__main__":
    touchstone.serve(port)
