"""t-SNE of a layer's activations: P and the final embedding are scikit-learn's own.

Gradient and first updates are PyTorch's.
"""

import numpy as np
import torch
from scipy.spatial.distance import squareform
from sklearn.datasets import load_digits
from sklearn.manifold import TSNE, trustworthiness
from sklearn.manifold._t_sne import _gradient_descent, _joint_probabilities, _kl_divergence
from sklearn.manifold._utils import _binary_search_perplexity
from sklearn.metrics import pairwise_distances

from touchstone_golden.comparison import comparison_ends

POSTCONDITION_STAGES = ("kl", "trustworthiness", "attribution")
RELU_HAS_SWITCH_POINT = False  # no gradient is taken through the network


def fixtures(draw, x, params, description):
    """A start as scikit-learn draws it; a state in which updates change sign and gains differ; the digits' classes."""
    points = (len(x), 2)
    return {
        "start": 1e-4 * draw.standard_normal(points),
        "embedding": 2 * draw.standard_normal(points),
        "update": 0.5 * draw.standard_normal(points),
        "gains": draw.uniform(0.2, 3, points),
        "labels": _digit_classes(x),
    }


def _digit_classes(x):
    data = load_digits()
    digits = zip(data.images / 16, data.target, strict=True)
    known = {image.astype(np.float32).tobytes(): digit for image, digit in digits}
    return np.array([known[image.numpy().tobytes()] for image in x[:, 0]])


def explain(network, x, target, params, fixtures):
    rows = activations(network, x, params.get("layer"))
    distances = pairwise_distances(rows.numpy(), squared=True)
    perplexity = params.get("perplexity", 50.0)
    conditional = _binary_search_perplexity(distances.astype(np.float32), perplexity, 0)
    joint = _joint_probabilities(distances, perplexity, 0)
    P = torch.from_numpy(squareform(joint)).to(x.dtype)

    exaggeration = params.get("exaggeration", 12.0)
    rate = params.get("rate") or max(len(x) / exaggeration / 4, 50)
    embedding, update, gains = (fixtures[name] for name in ("embedding", "update", "gains"))
    g = gradient(P, embedding)
    step, _, _ = moved(embedding, update, gains, g, 0.8, rate)

    first, last = {}, fixtures["start"]
    update, gains = torch.zeros_like(last), torch.ones_like(last)
    for number in range(1, params.get("compare", 3) + 1):
        last, update, gains = moved(last, update, gains, gradient(exaggeration * P, last), 0.5, rate)
        first[f"embedding-{number}"] = last
    if x.dtype == torch.float64:
        _agree_with_scikit_learn(joint, embedding, g, fixtures["start"], last, len(first), exaggeration, rate)

    stages = {
        "activations": rows,
        "conditional": torch.from_numpy(conditional),
        "joint": P,
        "gradient": g,
        "step": step,
        **first,
    }
    comparison_ends(stages)
    exact = TSNE(
        method="exact", perplexity=perplexity, early_exaggeration=exaggeration, learning_rate=rate,
        max_iter=params.get("steps", 1000), init=fixtures["start"].numpy(),
    )
    end = exact.fit_transform(rows.numpy())
    return {
        **stages,
        "kl": torch.tensor([divergence(P.double(), torch.from_numpy(end).double())]),
        "trustworthiness": torch.tensor([trustworthiness(rows.numpy(), end)]),
        "attribution": torch.from_numpy(end),
    }


def uncounted_work(x, params):
    """What PyTorch does not see of a run, in multiply-adds: each step costs a pair of points about fifty."""
    return 50 * params.get("steps", 1000) * len(x) ** 2


def activations(network, x, layer):
    """What the layer returns in its last call, or what the last Linear is given; [N,d]."""
    found = []
    if layer is None:
        linear = [m for m in network.modules() if isinstance(m, torch.nn.Linear)][-1]
        hook = linear.register_forward_pre_hook(lambda _m, args: found.append(args[0].clone()))
    else:
        hook = network.get_submodule(layer).register_forward_hook(lambda _m, _a, out: found.append(out.clone()))
    try:
        with torch.no_grad():
            network(x.clone())
    finally:
        hook.remove()
    return found[-1].flatten(1)


def divergence(P, Y):
    """KL(P‖Q), Q of the Student's t-distribution over the plane."""
    close = 1 / (1 + ((Y[:, None] - Y) ** 2).sum(2)) * (1 - torch.eye(len(Y), dtype=Y.dtype))
    apart = P > 0
    return (P[apart] * torch.log(P[apart] / (close / close.sum())[apart])).sum()


def gradient(P, Y):
    """∂KL(P‖Q)/∂Y by autograd, where P sums to 1. Of an exaggerated P only the attraction grows, as in scikit-learn."""
    leaf = Y.clone().requires_grad_()
    squares = ((leaf[:, None] - leaf) ** 2).sum(2)
    close = (1 / (1 + squares)) * (1 - torch.eye(len(Y), dtype=Y.dtype))
    attraction = (P * torch.log1p(squares)).sum()
    (g,) = torch.autograd.grad(attraction + torch.log(close.sum()), leaf)
    return g


def moved(Y, update, gains, g, momentum, rate):
    gains = torch.where(update * g < 0, gains + 0.2, gains * 0.8).clamp(min=0.01)
    update = momentum * update - rate * gains * g
    return Y + update, update, gains


def _agree_with_scikit_learn(joint, embedding, g, start, after, steps, exaggeration, rate):
    """The PyTorch above is scikit-learn's formula, to rounding."""
    n = len(embedding)
    _, expected = _kl_divergence(embedding.numpy().ravel(), joint, 1, n, 2)
    np.testing.assert_allclose(g.numpy().ravel(), expected, rtol=1e-8, atol=1e-10 * abs(expected).max())
    expected, _, _ = _gradient_descent(
        _kl_divergence,
        start.numpy().ravel(),
        0,
        steps,
        momentum=0.5,
        learning_rate=rate,
        args=[exaggeration * joint, 1, n, 2],
    )
    np.testing.assert_allclose(after.numpy().ravel(), expected, rtol=1e-8, atol=1e-10 * abs(expected).max())


def postconditions(network, x, target, params, fixtures, stages):
    """Of the embedding alone, with P from activations in float64."""
    rows = activations(network, x, params.get("layer"))
    distances = pairwise_distances(rows.double().numpy(), squared=True)
    joint = _joint_probabilities(distances, params.get("perplexity", 50.0), 0)
    kl = divergence(torch.from_numpy(squareform(joint)), stages["attribution"].double())
    trust = trustworthiness(rows.numpy(), stages["attribution"].numpy())
    return {
        "divergence": bool(abs(kl - stages["kl"]) <= 0.02 * stages["kl"]),
        "trustworthiness": trust >= float(stages["trustworthiness"]) - 0.01,
    }
