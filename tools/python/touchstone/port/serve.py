"""`serve(port)`: answers the messages of the port protocol on stdin and stdout."""

import json
import os
import sys
import traceback

from ..end_with_parent import end_with
from . import messages
from .files import read_inputs, write_stages
from .job import Job
from .port import Unsupported
from .streams import take_over

_FOR_PEOPLE = """This is a port: Touchstone starts it and asks the questions. Give it to

    touchstone port check --port "cmd:python {program}"
    touchstone verify --port "cmd:python {program}"
"""


def serve(port):
    """Answers until it is stopped or stdin closes. Meanwhile everything that is printed goes to stderr, by C libraries
    too, and stdin is empty for the port's own code.
    """
    if sys.stdin.isatty():
        print(_FOR_PEOPLE.format(program=sys.argv[0]), file=sys.stderr)
        sys.exit(64)
    if os.name == "posix" and os.getppid() != 1:
        end_with(os.getppid())
    questions, replies = take_over()
    try:
        _answer_all(port, questions, replies)
    except messages.ProtocolError as error:
        sys.exit(f"{port.name}: the message on stdin is none of the port protocol, version 1: {error}")
    except BrokenPipeError:
        os._exit(1)  # no one reads the replies; an ordinary exit would try to write again
    except KeyboardInterrupt:
        sys.exit(130)


def _answer_all(port, questions, replies):
    networks, ran = port.as_networks(), 0
    for line in questions:
        message = messages.parse(line)
        nonce = message["nonce"]
        if message["cmd"] == "hello":
            _send(replies, messages.hello_reply(port, nonce))
        elif message["cmd"] == "stop":
            return _send(replies, messages.bye(nonce, ran))
        else:
            if message["seq"] != ran + 1:
                raise messages.ProtocolError(f"run: seq must be {ran + 1}, found {message['seq']}")
            reply = _reply(port, networks, message)
            ran += 1
            _send(replies, reply)


def _send(replies, reply):
    sys.stdout.flush()  # what the port printed comes before its reply
    # A text of the port's own may hold half a surrogate pair, which UTF-8 cannot.
    replies.write(json.dumps(reply, ensure_ascii=False).encode(errors="backslashreplace") + b"\n")
    replies.flush()


def _reply(port, networks, message):
    seq, nonce = message["seq"], message["nonce"]
    try:
        x, fixtures = read_inputs(message["inputs"], port)
        job = Job(
            x=x, fixtures=fixtures, network=networks[message["network"]],
            **{field: message[field] for field in ("case", "method", "target", "params", "want", "required")},
        )  # fmt: skip
        write_stages(message["out"], port.answer(job))
    except Unsupported as reason:
        return messages.unsupported(seq, nonce, str(reason) or "not supported")
    except Exception as error:  # the port's own code may raise anything; the next case goes on
        traceback.print_exc()
        return messages.failure(seq, nonce, _last_line(error))
    return messages.ok(seq, nonce)


def _last_line(error):
    """As the traceback ends, such as "ValueError: no such layer"."""
    return "".join(traceback.format_exception_only(error)).strip().split("\n")[-1]
