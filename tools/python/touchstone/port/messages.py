"""The port protocol, version 1: messages are checked, replies are made. docs/schemas/port-message.schema.json and
port-reply.schema.json define them.
"""

import json


class ProtocolError(Exception):
    """A message that is none of the protocol's."""


def _is_text(value):
    return isinstance(value, str) and value != ""


def _is_count(value):
    return type(value) is int and value >= 1


def _is_object(value):
    return isinstance(value, dict)


def _is_strings(value):
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


_FIELDS = {
    "hello": {"protocol": lambda value: value == 1, "nonce": _is_text, "suite": _is_object, "scratch": _is_text},
    "run": {
        "seq": _is_count,
        "nonce": _is_text,
        "case": _is_text,
        "method": _is_text,
        "network": _is_text,
        "inputs": _is_text,
        "target": _is_object,
        "params": _is_object,
        "want": _is_strings,
        "required": lambda value: value == "every stage" or _is_strings(value),
        "out": _is_text,
        "deadlineMs": _is_count,
    },
    "stop": {"nonce": _is_text},
}


def parse(line):
    """The message in a line of bytes. Raises ProtocolError, naming the field."""
    try:
        message = json.loads(line.decode("utf-8"))
    except ValueError as error:
        raise ProtocolError(f"not a line of JSON in UTF-8: {error}") from None
    command = message.get("cmd") if isinstance(message, dict) else None
    if command not in _FIELDS:
        raise ProtocolError(f"cmd must be one of {', '.join(_FIELDS)}, found {command!r}")
    for field, holds in _FIELDS[command].items():
        if field not in message or not holds(message[field]):
            raise ProtocolError(f"{command}: {field} is missing or wrong: {message.get(field)!r}")
    return message


def hello_reply(port, nonce):
    return {
        "protocol": 1,
        "nonce": nonce,
        "port": {"name": port.name, "version": port.version, "language": port.language},
        "methods": list(port.methods),
        "layout": port.layout,
        "dtype": port.dtype,
    }


def ok(seq, nonce):
    return {"seq": seq, "nonce": nonce, "status": "ok"}


def unsupported(seq, nonce, reason):
    return {"seq": seq, "nonce": nonce, "status": "unsupported", "reason": reason[:_MAX_TEXT]}


def failure(seq, nonce, message):
    return {"seq": seq, "nonce": nonce, "status": "error", "message": message[:_MAX_TEXT]}


def bye(nonce, ran):
    return {"bye": True, "nonce": nonce, "ran": ran}


_MAX_TEXT = 10_000
