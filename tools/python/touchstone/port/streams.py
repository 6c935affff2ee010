"""The streams of the port protocol, apart from what the port's own code reads and prints."""

import os
from functools import cache


@cache
def take_over():
    """`(messages, replies)`: what descriptors 0 and 1 were. From the first call on, descriptor 0 is empty and
    descriptor 1 the same as stderr, for C libraries too.
    """
    questions, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.close(empty)
    os.dup2(2, 1)
    return questions, replies
