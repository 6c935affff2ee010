"""A small harness for tests of ports: starts a program, and talks the port protocol with it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import safetensors.numpy

NONCE = "0123456789abcdef"
PACKAGE = Path(__file__).parents[1]


class Harness:
    """A context: ends the program when it ends."""

    def __init__(self, program, scratch):
        self.scratch, self.seq = scratch, 0
        path = os.pathsep.join(filter(None, [str(PACKAGE), os.environ.get("PYTHONPATH")]))
        self.process = subprocess.Popen(
            [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1",
                 "PYTHONDONTWRITEBYTECODE": "1", "TOUCHSTONE_PARENT": str(os.getpid())},
        )  # fmt: skip

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()

    def ask(self, message):
        """The reply to an object, or to a line of bytes."""
        line = message if isinstance(message, bytes) else json.dumps(message).encode() + b"\n"
        self.process.stdin.write(line)
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline() or b"null")

    def hello(self):
        suite = {"version": "1.0.0"}
        return self.ask({"cmd": "hello", "protocol": 1, "nonce": NONCE, "suite": suite, "scratch": str(self.scratch)})

    def run_message(self, method, network, tensors, **more):
        self.seq += 1
        inputs = self.scratch / f"{self.seq}-in.safetensors"
        safetensors.numpy.save_file(tensors, inputs)
        return {
            "cmd": "run", "seq": self.seq, "nonce": NONCE, "case": f"{method}/test", "method": method,
            "network": str(network), "inputs": str(inputs), "target": {"class": 0}, "params": {},
            "want": ["attribution"], "required": [],
            "out": str(self.scratch / f"{self.seq}.safetensors"), "deadlineMs": 60000, **more,
        }  # fmt: skip

    def run(self, method, network, tensors, **more):
        """`(reply, stages or None)`"""
        message = self.run_message(method, network, tensors, **more)
        reply = self.ask(message)
        out = Path(message["out"])
        return reply, safetensors.numpy.load_file(out) if out.exists() else None

    def stop(self):
        """`(reply, stderr)`, after the end of the program."""
        reply = self.ask({"cmd": "stop", "nonce": NONCE})
        _, stderr = self.process.communicate(timeout=60)
        return reply, stderr.decode()
