"""One container's forward as an `fx.Graph` in which every child is a leaf."""

import inspect
import operator

from torch import fx

from .faults import ExportError


class _Place:
    """A placeholder for a tensor among the arguments of a call."""

    def __repr__(self):
        return "tensor"


PLACE = _Place()


class Arguments:
    """How a container is called: which parameters receive tensors (alone or in lists) and which constants.

    `tensors` are the nodes in the order in which they become the container's inputs.
    """

    def __init__(self, module, args, kwargs):
        bound = inspect.signature(type(module).forward).bind(module, *args, **kwargs)
        self.tensors = []
        self._names = []
        self._bound = bound
        owner = next(iter(bound.arguments))
        self.shape = {name: self._collect(name, value) for name, value in bound.arguments.items() if name != owner}

    def _collect(self, name, value):
        def take(item):
            self.tensors.append(item)
            self._names.append(name)
            return PLACE

        return fx.node.map_aggregate(
            value, lambda item: take(item) if isinstance(item, fx.Node) or item is PLACE else item
        )

    def call(self, function, module, placeholder):
        """Calls `function` with `placeholder(name)` for each tensor."""
        names = iter(self._names)
        for name, value in self.shape.items():
            self._bound.arguments[name] = fx.node.map_aggregate(
                value, lambda item: placeholder(next(names)) if item is PLACE else item
            )
        _, *args = self._bound.args
        return function(module, *args, **self._bound.kwargs)


class _Proxy(fx.Proxy):
    def __iadd__(self, other):
        """Without this, Python would fall back to `+`, and fx would not see that `+=` changes its operand."""
        return self.tracer.create_proxy("call_function", operator.iadd, (self, other), {})

    def register_hook(self, hook):
        raise TypeError("it sets a hook on a tensor (register_hook), which can change the gradient")


class _Tracer(fx.Tracer):
    def __init__(self, arguments):
        super().__init__()
        self._arguments = arguments

    def proxy(self, node):
        return _Proxy(node, self)

    def is_leaf_module(self, module, name):
        return True

    def create_args_for_root(self, root_fn, is_module, concrete_args=None):
        proxies = []
        self._arguments.call(
            lambda module, *args, **kwargs: None,
            self.root,
            lambda name: proxies.append(self.create_proxy("placeholder", name, (), {})),
        )

        def forward(module, *values):
            left = iter(values)
            return self._arguments.call(root_fn, module, lambda name: next(left))

        return forward, [self.root, *proxies]


def trace(module, arguments, path):
    """The graph of `module`. Raises ExportError where its control flow depends on values."""
    before = set(vars(module))
    try:
        return _Tracer(arguments).trace(module)
    except Exception as error:  # the module's own code may raise anything when it gets a proxy
        reason = str(error).strip().split("\n")[0]
        raise ExportError(
            f"{path or 'the network'} ({type(module).__name__}): its forward cannot be traced: {reason}; "
            "branches and loops must not depend on values, and every module called must be registered below its caller"
        ) from error
    finally:
        for name in set(vars(module)) - before:  # fx sets the constants that it found as attributes of the module
            delattr(module, name)
