"""`python -m touchstone_golden.explain_server`: explains random networks for the fuzzer, in float64, until its input
ends.

A line of JSON in, a line of JSON out; first of all `{"ready":true,"torch":"2.15.0"}`. A request, or a list of requests,
which is answered by a list:

    {"seq":1, "description":{…network.json…}, "weights":{"0.weight":{"shape":[2,1,3,3],"data":[…]}},
     "x":{"shape":…,"data":…},
     "target":{"class":0}, "method":"smooth-grad", "params":{"samples":2}, "fixtures":{"noise":{"shape":…,"data":…}}}

The answer has the stages in order, `{"seq":1,"stages":[["logits",{"shape":[1,2],"data":[…]}],…]}`, or is
`{"seq":1,"error":"…"}`. Numbers are doubles in their shortest spelling, so they come back exactly; NaN and infinity are
an error.
"""

import json
import os
import sys
from functools import cache

import torch

from touchstone.network.description import check_description
from touchstone.network.load import build_network

from .cases import reference
from .maker import deterministic


def serve(lines, write):
    """Answers each of `lines`; `write` gets one answer at a time, without its line end."""
    write(json.dumps({"ready": True, "torch": torch.__version__.split("+")[0]}))
    for line in lines:
        try:
            request = json.loads(line)
        except ValueError as error:
            write(json.dumps({"seq": None, "error": f"not JSON: {error}"}))
            continue
        if isinstance(request, list):
            write(f"[{','.join(answer(each) for each in request)}]")
        else:
            write(answer(request))


def answer(request):
    """The answer's JSON."""
    seq = request.get("seq") if isinstance(request, dict) else None
    try:
        check_description(request["description"])
        weights, fixtures = tensors(request["weights"]), tensors(request["fixtures"])
        network = build_network(request["description"], weights, "weights", torch.float64).requires_grad_(False)
        explain = loaded(request["method"]).explain
        stages = explain(network, tensor(request["x"]), request["target"], request["params"], fixtures)
        rows = [[name, {"shape": list(t.shape), "data": t.flatten().tolist()}] for name, t in stages.items()]
        return json.dumps({"seq": seq, "stages": rows}, separators=(",", ":"), allow_nan=False)
    except Exception as error:  # one bad request must not end the server
        return json.dumps({"seq": seq, "error": f"{type(error).__name__}: {error}"})


loaded = cache(reference)


def tensors(stored):
    return {name: tensor(each) for name, each in stored.items()}


def tensor(stored):
    return torch.tensor(stored["data"], dtype=torch.float64).reshape(stored["shape"])


if __name__ == "__main__":
    # Only answers may reach standard output: everything that a library prints goes to standard error.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    deterministic()
    serve(sys.stdin, lambda text: print(text, file=answers, flush=True))
