"""CAM: `Σ_k w_ck A_k` for a network whose head is global average pooling and one linear layer (Zhou 2016)."""

import torch

from touchstone_golden.torch_rules import heads_of, last_map, leaves, outputs_of, score


def explain(network, x, target, params, fixtures):
    layer = params.get("layer") or last_map(network, x)
    linear = params.get("linear") or [p for p, m in leaves(network).items() if isinstance(m, torch.nn.Linear)][-1]
    head = network.get_submodule(linear)
    pooled = []
    hook = head.register_forward_pre_hook(lambda _module, args: pooled.append(args[0].clone()))
    with torch.no_grad(), outputs_of({layer: network.get_submodule(layer)}) as seen:
        logits = network(x.clone())
    hook.remove()
    A = seen[-1][1]
    rows = head.weight
    check_head(A, pooled[-1], layer, linear)
    if "head" in target:
        leaf = logits.clone().requires_grad_()
        w = torch.autograd.grad(score(leaf, target, heads_of(network)), leaf)[0] @ rows
    elif "weights" in target:
        w = (torch.tensor(target["weights"], dtype=rows.dtype) @ rows).expand(len(x), -1)
    else:
        w = rows[torch.as_tensor(target["class"]).expand(len(x))]
    return {
        "logits": logits,
        "activations": A,
        "weights": w,
        "attribution": (w[:, :, None, None] * A).sum(1, keepdim=True),
    }


def check_head(A, pooled, layer, linear):
    """Raises ValueError where the linear layer's input is not the mean of A."""
    mean = A.mean((2, 3))
    if mean.shape != pooled.shape or (mean - pooled).abs().max() > 1e-3 * A.abs().max():
        raise ValueError(f"the input of {linear!r} is not the mean of {layer!r}")
