"""The server over a real pipe: each request gets its answer."""

import json
import math
import subprocess
import sys
from pathlib import Path

import pytest

LINEAR = {
    "format": "touchstone-network", "version": 1, "name": "linear", "why": "", "input": {"shape": [1, 1, 1]},
    "modules": {
        "": {
            "type": "Net", "inputs": ["x"], "output": "b", "calls": [
                {"name": "a", "module": "flat", "args": ["x"]}, {"name": "b", "module": "fc", "args": ["a"]},
            ],
        },
        "flat": {"type": "Flatten", "attributes": {"startDim": 1, "endDim": -1}},
        "fc": {"type": "Linear", "attributes": {"inFeatures": 1, "outFeatures": 1, "bias": False}},
        "again": {"alias": "fc"},
    },
}  # fmt: skip
THIRD = 1 / 3


def request(seq, **changes):
    hook = {"name": "a", "kind": "forward", "at": "again", "acts": []}
    return {
        "seq": seq,
        "description": LINEAR,
        "weights": {"fc.weight": {"shape": [1, 1], "data": [THIRD]}},
        "x": {"shape": [1, 1, 1, 1], "data": [-0.0]},
        "target": {"class": 0},
        "method": "hooks",
        "params": {
            "program": {
                "inputGradient": True,
                "parameters": [],
                "steps": [{"do": "register", "hook": hook}, {"do": "run"}],
            }
        },
        "fixtures": {},
        **changes,
    }  # fmt: skip


@pytest.fixture(scope="module")
def ask():
    server = subprocess.Popen(
        [sys.executable, "-m", "touchstone_golden.explain_server"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[1],
    )
    assert json.loads(server.stdout.readline())["ready"] is True

    def exchange(text):
        server.stdin.write(text + "\n")
        server.stdin.flush()
        return json.loads(server.stdout.readline())

    yield exchange
    server.stdin.close()
    assert server.wait(20) == 0


def test_stages_in_order_with_their_bits(ask):
    answer = ask(json.dumps(request(7)))
    assert answer["seq"] == 7
    stages = dict(answer["stages"])
    assert list(stages) == [
        "0000 forward a fc#1 input0",
        "0000 forward a fc#1 output",
        "0001 output",
        "0002 grad x",
        "attribution",
    ]
    assert stages["0002 grad x"] == {"shape": [1, 1, 1, 1], "data": [THIRD]}
    assert math.copysign(1, stages["0000 forward a fc#1 input0"]["data"][0]) == -1


def test_a_list_is_answered_by_a_list_and_a_bad_request_harms_no_other(ask):
    bad = [
        (request(1, x={"shape": [1], "data": [1, 2]}), "RuntimeError"),
        (request(2, weights={}), "missing tensors"),
        (request(3, description={**LINEAR, "version": 2}), "version 1"),
        (request(4, x={"shape": [1, 1, 1, 1], "data": [float("inf")]}), "not JSON compliant"),
        ({"seq": 5}, "description"),
    ]
    answers = ask(json.dumps([*(each for each, _ in bad), request(6)]))
    assert [answer["seq"] for answer in answers] == [1, 2, 3, 4, 5, 6]
    for answer, (_, message) in zip(answers, bad):
        assert message in answer["error"]
    assert "stages" in answers[-1]


def test_what_is_not_json(ask):
    assert ask("{")["seq"] is None
    assert "stages" in ask(json.dumps(request(1)))


def test_hooks_do_not_reach_the_next_request(ask):
    everywhere = {"name": "g", "kind": "global-forward", "acts": [{"do": "throw"}]}
    program = {
        "inputGradient": True,
        "parameters": [],
        "steps": [{"do": "register", "hook": everywhere}, {"do": "run"}],
    }
    assert "threw g" in ask(json.dumps(request(1, params={"program": program})))["stages"][-2][0]
    assert "0002 grad x" in dict(ask(json.dumps(request(2)))["stages"])
