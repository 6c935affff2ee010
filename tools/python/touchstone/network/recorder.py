"""The calls of one container, as they are recorded while its forward runs."""

from dataclasses import dataclass, field

from torch import fx


@dataclass(eq=False)
class Value:
    """A single tensor within one container: an input (`call` is None) or output `index` of a call."""

    shape: tuple
    call: "Call | None" = None
    index: int = 0
    own_name: str = ""

    @property
    def name(self):
        return self.call.name if self.call else self.own_name


@dataclass(eq=False)
class Call:
    """One row of `calls`. `outputs`: of a module, the values within it that it returns; `function`: for messages."""

    row: dict
    args: list
    name: str = ""
    function: str = ""
    where: str = ""
    outputs: list = field(default_factory=list)
    used: set = field(default_factory=set)
    live: bool = False
    value: Value | None = None


class Recorder:
    """`inputs`, `calls` and `constants` (name → tensor) of the container `module` at `path`; `held`: what must stay
    alive.
    """

    def __init__(self, module, path):
        self.module, self.path = module, path
        self.inputs, self.calls, self.constants, self.outputs = [], [], {}, []
        self._names = fx.Graph()  # which names nodes by PyTorch's rules
        self._below = {each: name for name, each in module.named_modules()}
        self._known = {}
        self.held = {}

    def new_name(self, target, kind="call_method"):
        return self._names.create_node(kind, target).name

    def add_input(self, name, shape):
        self.inputs.append(Value(tuple(shape), own_name=self.new_name(name, "placeholder")))
        return self.inputs[-1]

    def add_call(self, row, args, shape, **more):
        """Nameless, until `name_steps`, unless `more` has a name."""
        call = Call(row, args, **more)
        self.calls.append(call)
        call.value = Value(tuple(shape), call)
        return call.value

    def add_module(self, path, module, args, outputs):
        """The values of its outputs, which are `outputs` within it."""
        name = self.new_name(self._below[module], "call_module")
        call = Call({"module": path}, args, name, outputs=outputs)
        self.calls.append(call)
        values = [Value(each.shape, call, index) for index, each in enumerate(outputs)]
        call.value = values[0] if len(values) == 1 else None
        return values

    def has(self, module):
        """Whether it is below this container."""
        return module in self._below

    def add_source(self, key, row, shape, name):
        """A call without arguments, written once per container: a weight or a number."""
        if key not in self._known:
            self._known[key] = self.add_call(row, [], shape, name=self.new_name(name))
        return self._known[key]

    def add_constant(self, tensor, name=None):
        """The local name under which `tensor` is stored."""
        taken = {*self.constants, *self.module._parameters, *self.module._modules, *self._stored_buffers()}
        first = name or "constant"
        names = [first, *(f"{first}_{count}" for count in range(1, len(taken) + 2))]
        name = next(each for each in names if each not in taken)
        self.constants[name] = tensor
        return name

    def _stored_buffers(self):
        return self.module._buffers.keys() - self.module._non_persistent_buffers_set

    def name_steps(self, start, function, results, display="", where=""):
        """Names the calls since `start` after their function: the last `name`, those before it `name.1`, `name.2`…
        where it gives one value, and otherwise all so.
        """
        nameless = [call for call in self.calls[start:] if not call.name]
        if not nameless:
            return
        for call in nameless:
            call.function, call.where = display, where
        base = self.new_name(function)
        last = results[0].call if len(results) == 1 else None
        numbered = [call for call in nameless if call is not last]
        for count, call in enumerate(numbered, start=1):
            call.name = f"{base}.{count}"
        if last in nameless:
            last.name = base
        elif len(nameless) == 1:
            nameless[0].name = base
