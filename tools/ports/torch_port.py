"""An example port in plain PyTorch, by the port protocol or by files.

    touchstone verify --port "cmd:python tools/ports/torch_port.py"

    touchstone verify --export exported
    python tools/ports/torch_port.py exported outputs
    touchstone verify --outputs outputs

Written as a porter would, with hooks on modules and on tensors. It shares nothing with the references but the loader of
networks.
"""

import sys
from pathlib import Path

import torch
from torch import nn

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "python"))  # or: pip install 'tools/python[torch]'
import touchstone  # noqa: E402
from touchstone.port.score import score  # noqa: E402

port = touchstone.Port("plain PyTorch", "1.0")


def seed_of(network, target, logits):
    """The gradient of the target with respect to the logits, [N,classes] or [N,classes,h,w]."""
    if logits.dim() != 2 or len(target) > 1 or "similarity" in target:
        leaf = logits.clone().requires_grad_()
        return torch.autograd.grad(score(leaf, target, network.description.get("heads")), leaf)[0]
    if "sum" in target:
        return seed_of_sum(network.description["heads"], target["sum"], logits)
    if "weights" in target:
        return torch.tensor([target["weights"]] * len(logits))
    classes = torch.tensor(target["class"]).reshape(-1, 1).expand(len(logits), 1)
    return torch.zeros_like(logits).scatter(1, classes, 1)


def seed_of_sum(heads, terms, logits):
    """Of Σ over heads of E = Σ_i p_i·v_i, where p is the head's softmax: dE/dz_i = p_i·(v_i − E)."""
    seeds = dict(zip([head["name"] for head in heads], torch.zeros_like(logits).split(sizes_of(heads), 1), strict=True))
    values = dict(zip(seeds, logits.split(sizes_of(heads), 1), strict=True))
    for term in terms:
        p = torch.softmax(values[term["head"]], 1)
        v = line_values(term["expectation"], p.shape[1])
        seeds[term["head"]] += p * (v - (p * v).sum(1, keepdim=True))
    return torch.cat(list(seeds.values()), 1)


def sizes_of(heads):
    return [head["size"] for head in heads]


def line_values(line, count):
    """The values of such as "3·i−90" for i = 0, 1, …"""
    slope, _, offset = line.replace("−", "-").replace("*", "·").replace(" ", "").partition("·i")
    return torch.arange(count) * float(slope) + float(offset or 0)


def input_gradient(network, x, target):
    leaf = x.detach().requires_grad_()
    logits = network(leaf + 0)
    logits.backward(seed_of(network, target, logits.detach()))
    return logits, leaf.grad


def over_channels(g, how):
    if how == "none":
        return g
    return g.abs().max(dim=1, keepdim=True).values if how == "abs-max" else g.abs().sum(dim=1, keepdim=True)


def display(g, params, style):
    """The numbers of the image, each image of the batch by itself; only where the parameters ask for them."""
    if not params["display"]:
        return {}
    image = (1, 2, 3)
    if style == "guided":
        deviation = g.std(image, unbiased=False, keepdim=True)
        shown = (g - g.mean(image, keepdim=True)) / torch.where(deviation > 0, deviation, 1) * 0.1 + 0.5
        return {"display": shown.clamp(0, 1)}
    if style == "deconv":
        size = g.amax(image, keepdim=True).clamp(min=0)
        return {"display": torch.where(size > 0, g / torch.where(size > 0, size, 1), 0) + 0.5}
    size = g.abs().amax(image, keepdim=True)
    return {"display": 0.5 + g / (2 * torch.where(size > 0, size, 1))}


@port.method("saliency")
def saliency(job):
    logits, g = input_gradient(job.module, job.x, job.target)
    shown = display(g, job.params, "gradient")
    return {"logits": logits, "gradient": g, **shown, "attribution": over_channels(g, job.params["reduce"])}


@port.method("smooth-grad")
def smooth_grad(job):
    network, target, params = job.module, job.target, job.params
    x, noise = job.x, job.fixtures["noise"][: params["samples"]]
    flat = x.flatten(1)
    sigma = params["fraction"] * (flat.max(1).values - flat.min(1).values)
    shown = (x + sigma.view(1, -1, 1, 1, 1) * noise).flatten(0, 1)
    if isinstance(target.get("class"), list):
        target = {**target, "class": target["class"] * len(noise)}
    g = torch.cat([gradient_of_one(network, image, target, i) for i, image in enumerate(shown)]).view_as(noise)
    average = {
        "mean-then-abs": lambda: g.mean(0),
        "abs-then-mean": lambda: g.abs().mean(0),
        "mean-of-squares": lambda: (g * g).mean(0),
        "variance": lambda: (g - g.mean(0)).pow(2).mean(0),
    }[params["average"]]()
    with torch.no_grad():
        logits = network(x.clone())
    return {
        "logits": logits,
        "sigma": sigma,
        "average": average,
        **display(average, params, "gradient"),
        "attribution": over_channels(average, params["reduce"]),
    }


def gradient_of_one(network, image, target, i):
    one = {**target, "class": target["class"][i]} if isinstance(target.get("class"), list) else target
    return input_gradient(network, image[None], one)[1]


@port.method("deconv")
def deconv(job):
    return rectified(job, lambda grad_inputs, grad_outputs: (grad_outputs[0].clamp(min=0),), "deconv")


@port.method("guided-backprop")
def guided_backprop(job):
    return rectified(job, lambda grad_inputs, grad_outputs: (grad_inputs[0].clamp(min=0),), "guided")


def rectified(job, rule, style):
    """The node that each ReLU call left in autograd's graph gets another rule."""
    leaf = job.x.detach().requires_grad_()
    logits = job.module(leaf + 0)
    for node in nodes_of(logits.grad_fn):
        if node.name().startswith(("Relu", "Hardtanh")):
            node.register_hook(rule)
    logits.backward(seed_of(job.module, job.target, logits.detach()))
    g = leaf.grad
    shown = display(g, job.params, style)
    return {"logits": logits, "gradient": g, **shown, "attribution": over_channels(g, job.params["reduce"])}


def nodes_of(root):
    """Every node of the graph behind `root`, each once."""
    found, waiting = {root}, [root]
    while waiting:
        for node, _ in waiting.pop().next_functions:
            if node is not None and node not in found:
                found.add(node)
                waiting.append(node)
    return found


def activations_of(network, x, layers):
    """`(path, values, gradients)` of every call of the layers; `gradients` fills once the backward pass has run."""
    seen = []

    def note(path):
        def hook(module, args, out):
            gradients = []
            seen.append((path, out.detach().clone(), gradients))
            if out.requires_grad:
                out.register_hook(gradients.append)

        return hook

    handles = [network.get_submodule(path).register_forward_hook(note(path)) for path in layers]
    logits = network(x + 0)
    for handle in handles:
        handle.remove()
    return logits, seen


def leaf_paths(network):
    return [path for path, module in network.named_modules() if not list(module.children())]


@port.method("grad-cam")
def grad_cam(job):
    x = job.x
    logits, seen = activations_of(job.module, x.requires_grad_(), [job.params["layer"]])
    logits.backward(seed_of(job.module, job.target, logits.detach()))
    _, values, gradients = seen[-1]
    g = gradients[0] if gradients else torch.zeros_like(values)
    values, g = as_maps(values, job.params), as_maps(g, job.params)
    weights = g.flatten(2).mean(2)
    heat = torch.einsum("nk,nkhw->nhw", weights, values).relu()[:, None]
    top = heat.flatten(1).max(1).values
    normalised = heat / torch.where(top > 0, top, torch.ones_like(top)).view(-1, 1, 1, 1)
    shown = nn.functional.interpolate(normalised, size=x.shape[2:], mode="bilinear", align_corners=False)
    return {
        "logits": logits,
        "activations": values,
        "gradient": g,
        "weights": weights,
        "map": heat,
        "normalised": normalised,
        "attribution": shown,
    }


def as_maps(values, params):
    """[N,D,h,w] of tokens [N,T,D] on a grid, or of channels last."""
    if params["tokens"]:
        grid = params["tokens"]["grid"]
        values = values[:, params["tokens"]["skip"] :].reshape(len(values), *grid, values.shape[2])
    return values.permute(0, 3, 1, 2) if params["tokens"] or params["channelsLast"] else values


@port.method("cam")
def cam(job):
    logits, seen = activations_of(job.module, job.x, [job.params["layer"]])
    linear = job.module.get_submodule(job.params["linear"])
    weights = seed_of(job.module, job.target, logits.detach()) @ linear.weight
    values = seen[-1][1]
    return {
        "logits": logits,
        "activations": values,
        "weights": weights,
        "attribution": torch.einsum("nk,nkhw->nhw", weights, values)[:, None],
    }


@port.method("activations")
def activations(job):
    logits, seen = activations_of(job.module, job.x, job.params["layers"] or leaf_paths(job.module))
    stages = {"logits": logits}
    for path, values, _ in seen:
        earlier = sum(name.split("#")[0] == path for name in stages)
        stages[f"{path}#{earlier + 1}" if earlier else path] = values
    return {**stages, "attribution": seen[-1][1]}


if __name__ == "__main__":
    torch.set_num_threads(1)
    if len(sys.argv) == 3:
        touchstone.answer_export(port, *sys.argv[1:])
    else:
        touchstone.serve(port)
