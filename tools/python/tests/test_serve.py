"""A port in NumPy that is served: replies, files, and what must not reach the protocol."""

import json
import time
from pathlib import Path

import numpy as np
import pytest
from harness import NONCE, Harness
from networks import linear_network

PORT = """
import touchstone, os, sys
port = touchstone.Port("linear", "1.0", arrays="numpy", layout="NHWC", dtype="float64")
print("printed before serving")

@port.method("saliency")
def saliency(job):
    print("printed")
    os.write(1, b"printed by C\\n")
    weight = job.network.weights["head.weight"].astype(job.x.dtype)
    rows = weight[job.classes].reshape(len(job.x), *job.network.description["input"]["shape"])
    return {"gradient": np.moveaxis(rows, 1, -1), "attribution": abs(rows).max(1)[..., None]}

@port.method("cam")
def cam(job):
    raise touchstone.Unsupported("no CAM")

@port.method("deconv")
def deconv(job):
    return {"logits": job.x}

@port.method("hooks")
def hooks(job):
    return 1 / 0

@port.method("hires-cam")
def hires_cam(job):
    raise ValueError("\\ud800 bad")

import numpy as np
touchstone.serve(port)
"""


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    folder = tmp_path_factory.mktemp("networks") / "linear"
    return folder, linear_network(folder)


@pytest.fixture(scope="module")
def talk(network, tmp_path_factory):
    """Everything that one process answers, message by message, and what it printed."""
    folder, weight = network
    x = {"x": np.zeros((2, 3, 4, 2), np.float64), "noise": np.zeros((1, 2, 3, 4, 2))}
    with Harness(PORT, tmp_path_factory.mktemp("scratch")) as harness:
        answers = {
            "hello": harness.hello(),
            "saliency": harness.run("saliency", folder, x, target={"class": [2, 1]}),
            "weighted": harness.run("saliency", folder, x, target={"weights": [1, 0, 0]}),
            **{each: harness.run(each, folder, x) for each in ("cam", "deconv", "hooks", "grad-cam", "hires-cam")},
            "missing": harness.run("saliency", folder / "none", x),
        }
        answers["stop"], answers["stderr"] = harness.stop()
        answers["status"] = harness.process.returncode
    return answers


def test_it_says_what_it_is(talk):
    assert talk["hello"] == {
        "protocol": 1,
        "nonce": NONCE,
        "port": {"name": "linear", "version": "1.0", "language": "Python"},
        "methods": ["saliency", "cam", "deconv", "hooks", "hires-cam"],
        "layout": "NHWC",
        "dtype": "float64",
    }


def test_the_answer_is_a_file_in_the_ports_layout(talk, network):
    reply, stages = talk["saliency"]
    assert reply == {"seq": 1, "nonce": NONCE, "status": "ok"}
    rows = network[1][[2, 1]].reshape(2, 2, 3, 4)
    np.testing.assert_array_equal(stages["gradient"], rows.transpose(0, 2, 3, 1))
    np.testing.assert_array_equal(stages["attribution"], abs(rows).max(1)[..., None])
    assert stages["gradient"].dtype == np.float64


@pytest.mark.parametrize(
    ("asked", "status", "words"),
    [
        ("cam", "unsupported", "no CAM"),
        ("weighted", "unsupported", "a target that is not a class alone: weights"),
        ("grad-cam", "unsupported", "no method 'grad-cam'"),
        ("hooks", "error", "ZeroDivisionError: division by zero"),
        ("hires-cam", "error", "ValueError: \ud800 bad"),
        ("deconv", "error", "deconv returned no attribution"),
        ("missing", "error", "network.json: no such file"),
    ],
)
def test_what_cannot_be_answered(talk, asked, status, words):
    reply, stages = talk[asked]
    assert reply["status"] == status and words in reply.get("reason", reply.get("message"))
    assert stages is None


def test_what_is_printed_goes_to_stderr(talk):
    for words in ("printed before serving", "printed\n", "printed by C", "ZeroDivisionError", "Traceback"):
        assert words in talk["stderr"]
    assert talk["stop"] == {"bye": True, "nonce": NONCE, "ran": 8} and talk["status"] == 0


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (b"not json\n", "not a line of JSON"),
        (b"\xff\n", "UTF-8"),
        (b'{"cmd":"jump"}\n', "cmd must be one of hello, run, stop, found 'jump'"),
        (b'{"cmd":"hello","protocol":2}\n', "hello: protocol is missing or wrong: 2"),
        (b'{"cmd":"stop"}\n', "stop: nonce is missing or wrong: None"),
    ],
)
def test_what_is_no_message_ends_it(message, words, tmp_path):
    with Harness("import touchstone; touchstone.serve(touchstone.Port('p', '1'))", tmp_path) as harness:
        assert harness.ask(message) is None
        assert harness.process.wait(60) == 1
        assert words in harness.process.stderr.read().decode()


def test_a_wrong_seq_ends_it(network, tmp_path):
    with Harness(PORT, tmp_path) as harness:
        assert harness.ask(harness.run_message("cam", network[0], {"x": np.zeros(1)}, seq=2)) is None
        assert harness.process.wait(60) == 1
        assert "seq must be 1, found 2" in harness.process.stderr.read().decode()


def test_it_ends_with_its_stdin(tmp_path):
    with Harness(PORT, tmp_path) as harness:
        harness.hello()
        harness.process.stdin.close()
        harness.process.stdin = None
        assert harness.process.wait(60) == 0


STUCK = """
import pathlib, sys, time, touchstone
from touchstone.port import messages
def parse(line):
    pathlib.Path(sys.argv[1]).touch()
    time.sleep(100)
messages.parse = parse
touchstone.serve(touchstone.Port("stuck", "1.0"))
"""


def test_it_ends_with_its_parent_in_the_middle_of_a_computation(tmp_path):
    computes = tmp_path / "computes"
    parent = (
        "import subprocess, sys, time\n"
        f"child = subprocess.Popen([sys.executable, '-c', {STUCK!r}, {str(computes)!r}], stdin=subprocess.PIPE)\n"
        "child.stdin.write(b'x\\n')\n"
        "child.stdin.flush()\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(100)\n"
    )
    with Harness(parent, tmp_path) as harness:
        child = int(harness.process.stdout.readline())
        _wait_for(computes.exists)
        harness.process.kill()
        harness.process.wait()
        _wait_for(lambda: _has_ended(child))


def _wait_for(condition):
    for _ in range(600):
        if condition():
            return
        time.sleep(0.1)
    raise AssertionError("not within a minute")


def _has_ended(process):
    try:
        return Path(f"/proc/{process}/stat").read_text().split(")")[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_messages_are_those_of_the_published_schemas(talk, network, tmp_path):
    jsonschema = pytest.importorskip("jsonschema")
    schemas = Path(__file__).parents[3] / "docs" / "schemas"
    replies = json.loads((schemas / "port-reply.schema.json").read_text())
    for answer in (talk["hello"], talk["stop"], *(talk[method][0] for method in ("saliency", "cam", "hooks"))):
        jsonschema.validate(answer, replies)
    with Harness("pass", tmp_path) as harness:
        message = harness.run_message("saliency", network[0], {"x": np.zeros(1)})
    jsonschema.validate(message, json.loads((schemas / "port-message.schema.json").read_text()))
