"""Where the comparison of an iterated method ends. Postconditions judge the later steps, so these are not watched, and
trial runs leave them out.
"""

from contextlib import contextmanager


class Enough(Exception):
    """Ends a trial run; `stages` are all compared stages."""

    def __init__(self, stages):
        super().__init__("all compared stages are complete")
        self.stages = stages


class _Comparison:
    over = False
    ends_run = False


_now = _Comparison()


def comparison_ends(stages):
    """Called by a `reference.py` once, between two passes: `stages` are all compared stages; later ones are not
    compared.
    """
    if _now.ends_run:
        raise Enough(stages)
    _now.over = True


def is_over():
    """Whether the pass that begins comes after the comparison."""
    return _now.over


@contextmanager
def one_run():
    """Wraps one call of `explain`."""
    _now.over = False
    try:
        yield
    finally:
        _now.over = False


def compared_stages(explain):
    """The stages of `explain()`, which runs only to the end of the comparison. Some may be judged by postconditions."""
    _now.ends_run = True
    try:
        with one_run():
            return explain()
    except Enough as enough:
        return enough.stages
    finally:
        _now.ends_run = False
