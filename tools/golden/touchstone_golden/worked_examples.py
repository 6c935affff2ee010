"""`python -m touchstone_golden.worked_examples [--golden DIR]`: the worked examples of hooks, in PyTorch, with hooks
only.

Writes DIR/traces/worked-examples.safetensors: a float64 tensor per event, named `<example>/<event>`; a number has shape
[1]. `__metadata__.touchstone` is the JSON of `{"events": […]}`, the names in order of occurrence. The same bytes on the
same machine.
"""

import argparse
import json
from contextlib import contextmanager
from pathlib import Path

import torch
from safetensors.torch import load_file, save
from torch import nn

from touchstone.network.load import load_network

from .cases import REPOSITORY
from .maker import deterministic
from .regen import write_whole

CLASS = 5
CAM_LAYER = "features.8"
SURGERY_LAYER = "features.5"


def scalar_product(golden, write):
    """y = (w+x)·(w+1) at w = 1, x = 2; a hook on the intermediate w+x, and its removal."""
    w, x = (torch.tensor([v], dtype=torch.float64, requires_grad=True) for v in (1.0, 2.0))
    intermediate = w + x
    handle = intermediate.register_hook(lambda g: write("gradient of w+x", g))
    y = intermediate * (w + 1)
    write("y", y)
    y.backward(retain_graph=True)
    write("w.grad", w.grad)
    write("x.grad", x.grad)
    handle.remove()
    y.backward()
    write("w.grad after a second backward", w.grad)


def gradient_times_six(golden, write):
    """The hook on w doubles the gradient in place and returns three times that: 5 → 30."""
    w, x = (torch.tensor([v], dtype=torch.float64, requires_grad=True) for v in (1.0, 2.0))
    w.register_hook(lambda g: g.mul_(2) * 3)
    ((w + x) * (w + 1)).backward()
    write("w.grad", w.grad)
    write("x.grad", x.grad)


def conv_pool(golden, write):
    """Filters of ones and of twos over 4×4 ones, then a pool whose windows tie; L1 loss against 10 and 10."""
    network, x = stored(golden, "worked-conv-pool", "ones-4x4")
    x.requires_grad_()
    network.requires_grad_()
    with hooks() as keep:
        for path, module in network.named_children():
            keep(module.register_forward_pre_hook(lambda m, inputs, path=path: write(f"input of {path}", inputs[0])))
            keep(module.register_forward_hook(lambda m, inputs, output, path=path: write(f"output of {path}", output)))
            keep(
                module.register_full_backward_hook(
                    lambda m, gi, go, path=path: write(f"gradient of the input of {path}", gi[0])
                )
            )
        loss = nn.L1Loss()(network(x), torch.full((1, 2), 10.0, dtype=x.dtype))
        write("loss", loss)
        loss.backward()
    write("0.weight.grad", network.get_parameter("0.weight").grad)
    write("x.grad", x.grad)


def deconv(golden, write):
    """Each ReLU's input gets R·1{R>0}, regardless of its own mask: a hook on the output keeps R, one on the input uses
    it.

    Tensor hooks, because the ReLUs are in place: a full backward hook makes a view, which must not be changed in place.
    """

    def before(relu, inputs):
        inputs[0].register_hook(lambda g: relu.arriving.clamp(min=0))

    def after(relu, inputs, output):
        output.register_hook(lambda g: setattr(relu, "arriving", g))

    rectified(golden, write, before, after)


def guided(golden, write):
    """Each ReLU's output gets R·1{R>0}; then its own mask applies."""

    def after(relu, inputs, output):
        output.register_hook(lambda g: g.clamp(min=0))

    rectified(golden, write, None, after)


def deconv_by_backward_hooks(golden, write):
    """The same as in much old code: a full backward hook, on ReLUs with `inplace=False`."""
    network, x = stored(golden, "tiny-vgg", "cat-32")
    x.requires_grad_()
    with hooks() as keep:
        for relu in relus(network):
            relu.inplace = False
            keep(relu.register_full_backward_hook(lambda m, gi, go: (go[0].clamp(min=0),)))
        network(x)[:, CLASS].sum().backward()
    write("x.grad", x.grad)


def rectified(golden, write, before, after):
    network, x = stored(golden, "tiny-vgg", "cat-32")
    x.requires_grad_()
    with hooks() as keep:
        for relu in relus(network):
            if before:
                keep(relu.register_forward_pre_hook(before))
            keep(relu.register_forward_hook(after))
        network(x)[:, CLASS].sum().backward()
    write("x.grad", x.grad)


def grad_cam(golden, write):
    """A is copied when the layer returns. The ReLU after it works in place, and the hook's gradient is still that of A
    as returned.
    """
    network, x = stored(golden, "tiny-vgg", "cat-32")
    x.requires_grad_()

    def capture(module, inputs, A):
        write("A", A)
        A.register_hook(lambda g: write("dy/dA", g))

    with hooks() as keep:
        keep(network.get_submodule(CAM_LAYER).register_forward_hook(capture))
        network(x)[:, CLASS].sum().backward()


def alexnet(golden, write):
    """Every kernel and every feature map, in one pass."""
    network, x = stored(golden, "alexnet-narrow", "cat-96")
    with hooks() as keep, torch.no_grad():
        for path, module in network.features.named_children():
            if isinstance(module, nn.Conv2d):
                write(f"kernels of features.{path}", module.weight)
            keep(
                module.register_forward_hook(
                    lambda m, inputs, output, path=path: write(f"maps of features.{path}", output)
                )
            )
        write("logits", network(x))


def surgery(golden, write):
    """The gradient of half of a layer's maps is cut away: what reaches the image came through the other half."""
    network, x = stored(golden, "tiny-vgg", "cat-32")
    x.requires_grad_()

    def cut(g):
        write("gradient of the maps", g)
        kept = g.clone()
        kept[:, : g.shape[1] // 2] = 0
        return kept

    def operate(module, inputs, maps):
        maps.register_hook(cut)

    with hooks() as keep:
        keep(network.get_submodule(SURGERY_LAYER).register_forward_hook(operate))
        network(x)[:, CLASS].sum().backward()
    write("x.grad", x.grad)


EXAMPLES = {
    "scalar-product": scalar_product,
    "gradient-times-six": gradient_times_six,
    "conv-pool": conv_pool,
    "deconv": deconv,
    "guided": guided,
    "deconv-by-backward-hooks": deconv_by_backward_hooks,
    "grad-cam": grad_cam,
    "alexnet": alexnet,
    "surgery": surgery,
}


def events_of(golden, example):
    """Event → tensor at the time of the event, in order."""
    events = {}

    def write(event, tensor):
        if event in events:
            raise ValueError(f"{example}: {event!r} is written twice")
        events[event] = torch.atleast_1d(tensor.detach().clone())

    EXAMPLES[example](golden, write)
    return events


def write_examples(golden):
    """Writes the file atomically, and returns its path."""
    deterministic()
    trace = {f"{example}/{event}": t for example in EXAMPLES for event, t in events_of(golden, example).items()}
    content = save(
        {name: t.contiguous() for name, t in trace.items()}, {"touchstone": json.dumps({"events": list(trace)})}
    )
    file = golden / "traces" / "worked-examples.safetensors"
    write_whole(file, content)
    return file


def stored(golden, network, x):
    """A network and an input of `golden`, in float64, the parameters without gradients."""
    loaded = load_network(golden / "networks" / network).double().requires_grad_(False)
    return loaded, load_file(golden / "inputs" / f"{x}.safetensors")["x"].double()


def relus(network):
    return [module for module in network.modules() if isinstance(module, nn.ReLU)]


@contextmanager
def hooks():
    """Yields a function that keeps a handle; at the end all kept handles are removed."""
    kept = []
    try:
        yield kept.append
    finally:
        for handle in kept:
            handle.remove()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        prog="python -m touchstone_golden.worked_examples", description=__doc__.splitlines()[0]
    )
    parser.add_argument(
        "--golden", type=Path, default=REPOSITORY / "golden", help="the golden folder (default: the repository's)"
    )
    print(write_examples(parser.parse_args().golden))
