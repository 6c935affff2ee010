"""Where the comparison of an iterated method ends: later steps are judged by claims, so nobody watches them, and trial
runs leave them out.
"""

from contextlib import contextmanager


class Enough(Exception):
    """Ends a trial run; `stages` are all that are compared."""

    def __init__(self, stages):
        super().__init__("what is compared is complete")
        self.stages = stages


class _Comparison:
    over = False
    ends_run = False


_now = _Comparison()


def comparison_ends(stages):
    """For a `reference.py`, once, between two passes: `stages` are all the compared ones, and what follows is not
    compared.
    """
    if _now.ends_run:
        raise Enough(stages)
    _now.over = True


def is_over():
    """Whether the pass that begins belongs to what is not compared."""
    return _now.over


@contextmanager
def one_run():
    """Around one call of `explain`."""
    _now.over = False
    try:
        yield
    finally:
        _now.over = False


def compared_stages(explain):
    """The stages of `explain()`, which runs only as far as they are compared; some claimed ones may be among them."""
    _now.ends_run = True
    try:
        with one_run():
            return explain()
    except Enough as enough:
        return enough.stages
    finally:
        _now.ends_run = False
