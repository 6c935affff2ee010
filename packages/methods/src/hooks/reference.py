"""Hooks: a hook program on PyTorch's own hooks, and its trace (docs/hook-programs.md)."""

import warnings
from collections import Counter

import torch
from torch.nn.modules import module as every_module

from touchstone_golden.torch_rules import heads_of, score

SKETCHED = False  # probes are hooks too, and the trace is itself event by event

OWN = {
    "forward-pre": "register_forward_pre_hook",
    "forward": "register_forward_hook",
    "backward-pre": "register_full_backward_pre_hook",
    "backward": "register_full_backward_hook",
}
GLOBAL = {
    "forward-pre": every_module.register_module_forward_pre_hook,
    "forward": every_module.register_module_forward_hook,
    "backward-pre": every_module.register_module_full_backward_pre_hook,
    "backward": every_module.register_module_full_backward_hook,
}


class Thrown(Exception):
    """What a hook with the act `throw` throws."""


def explain(network, x, target, params, fixtures):
    program = params["program"]
    before = [(p, p.requires_grad, p.grad) for p in network.parameters()]
    machine = Machine(network)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            network.requires_grad_(False)
            for name in program["parameters"]:
                network.get_parameter(name).requires_grad_()
            for step in program["steps"]:
                match step["do"]:
                    case "register":
                        machine.register(step["hook"])
                    case "remove":
                        machine.remove(step["hook"])
                    case "run":
                        image = x.detach().clone().requires_grad_(program["inputGradient"])
                        run(machine, image, target, program["parameters"])
    finally:
        machine.remove_all()
        for p, requires_grad, grad in before:
            p.requires_grad_(requires_grad).grad = grad
    return machine.trace(x.dtype)


def run(machine, x, target, parameters):
    """Forward, then backward of the target; whatever ends it is an event."""
    network = machine.network
    network.zero_grad(set_to_none=True)
    try:
        output = network(x)
        machine.event("", {"output": output})
        output.backward(seed(output, target, heads_of(network)))
        gradients = {name: network.get_parameter(name).grad for name in parameters}
        machine.event("grad ", {"x": x.grad, **gradients})
    except Thrown as thrown:
        machine.event(f"threw {thrown}")
    except RuntimeError:
        machine.event("threw framework")


def seed(output, target, heads):
    """∂target/∂output, of the output's shape."""
    leaf = output.detach().requires_grad_()
    (gradient,) = torch.autograd.grad(score(leaf, target, heads), leaf)
    return gradient


class Machine:
    """The hooks of a program, and the events so far."""

    def __init__(self, network):
        self.network = network
        self.paths = {module: path or "." for path, module in network.named_modules()}
        self.handles, self.latest = [], {}
        self.firings = Counter()
        self.events = []

    def event(self, label, values=None):
        """`values`: name → tensor or None; without it the label is the whole event."""
        copies = {label: None} if values is None else {label + name: copy(t) for name, t in values.items()}
        self.events.append((copies, values is not None))

    def trace(self, dtype):
        stages, sums = {}, []
        for number, (values, may_be_null) in enumerate(self.events):
            for name, t in values.items():
                null = " null" if t is None and may_be_null else ""
                stages[f"{number:04} {name}{null}"] = torch.zeros(1, dtype=dtype) if t is None else t
            sums.append(sum(t.sum().item() for t in values.values() if t is not None))
        return {**stages, "attribution": torch.tensor(sums, dtype=dtype)}

    def register(self, hook):
        kind, at = hook["kind"], hook.get("at")
        if kind == "parameter":
            handle = self.network.get_parameter(at).register_hook(lambda g: self.on_gradient(hook, at, g))
        elif kind.startswith("global-"):
            kind = kind.removeprefix("global-")
            handle = GLOBAL[kind](self.on_module(hook, kind))
        else:
            register = getattr(self.network.get_submodule(at), OWN[kind])
            handle = register(self.on_module(hook, kind), prepend=hook.get("prepend", False))
        self.keep(hook, handle)

    def keep(self, hook, handle):
        self.handles.append(handle)
        self.latest[hook["name"]] = handle

    def remove(self, name):
        if name in self.latest:
            self.latest[name].remove()

    def remove_all(self):
        for handle in self.handles:
            handle.remove()

    def on_module(self, hook, kind):
        """The function that PyTorch calls for a hook of this kind on a module, or on all."""

        def forward_pre(module, inputs):
            return self.fire(hook, self.paths[module], numbered("input", inputs), inputs, {})

        def forward(module, inputs, output):
            seen = {**numbered("input", inputs), "output": output}
            returned = self.fire(hook, self.paths[module], seen, (output,), {"input": inputs[0]})
            return None if returned is None else returned[0]

        def backward_pre(module, grad_output):
            return self.fire(hook, self.paths[module], numbered("gradOutput", grad_output), grad_output, {})

        def backward(module, grad_input, grad_output):
            seen = {**numbered("gradInput", grad_input), **numbered("gradOutput", grad_output)}
            return self.fire(hook, self.paths[module], seen, grad_input, {})

        hooks = {"forward-pre": forward_pre, "forward": forward, "backward-pre": backward_pre, "backward": backward}
        return hooks[kind]

    def on_gradient(self, hook, where, grad):
        returned = self.fire(hook, where, {"grad": grad}, (grad,), {})
        return None if returned is None else returned[0]

    def fire(self, hook, where, seen, mine, others):
        """One firing: the event, then the acts. `mine` is what a scale replaces; returns the replacement, or None.

        A tensor hook goes on one of `others` (the input, at a forward hook), or on the first of `mine`.
        """
        name = hook["name"]
        self.firings[name] += 1
        firing = self.firings[name]
        self.event(f"{hook['kind']} {name} {where}#{firing} ", seen)
        returned = None
        for act in hook["acts"]:
            if act.get("on", firing) != firing:
                continue
            match act["do"]:
                case "scale":
                    returned = mine = tuple(None if t is None else t * act["by"] for t in mine)
                case "remove":
                    self.remove(act["hook"])
                case "register":
                    self.register(act["hook"])
                case "hook-tensor":
                    self.hook_tensor(act["hook"], others.get(act["of"], mine[0]))
                case "throw":
                    raise Thrown(name)
        return returned

    def hook_tensor(self, hook, tensor):
        if tensor.requires_grad:
            self.keep(hook, tensor.register_hook(lambda g: self.on_gradient(hook, "-", g)))


def numbered(name, values):
    return {f"{name}{i}": t for i, t in enumerate(values)}


def copy(t):
    # Detached first: cloning a view that autograd has declared dead (its base was changed in place) would be an error.
    return None if t is None else t.detach().clone()
