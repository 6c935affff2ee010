"""`torch.einsum` of one or two tensors, as PyTorch computes it: one product of matrices."""

import math

from .registry import require


def _einsum(e, equation, *operands):
    operands = operands[0] if len(operands) == 1 and isinstance(operands[0], (tuple, list)) else operands
    require("." not in equation, "'...' is not supported; name all dimensions")
    require(len(operands) <= 2, "only one or two tensors are supported")
    given, _, wanted = equation.replace(" ", "").partition("->")
    terms = given.split(",")
    if "->" not in equation:
        wanted = "".join(sorted(each for each in {*given} - {","} if given.count(each) == 1))
    require(all(len({*term}) == len(term) for term in terms), "a letter twice in one term is not supported")
    size = {each: n for term, x in zip(terms, operands, strict=True) for each, n in zip(term, x.shape, strict=True)}
    alone = [
        _sum(e, x, term, wanted + "".join(other for other in terms if other is not term))
        for term, x in zip(terms, operands, strict=True)
    ]
    if len(alone) == 1:
        ((x, term),) = alone
        return _permuted(e, x, term, wanted)
    (x, left), (y, right) = alone
    both = [each for each in left if each in right and each in wanted]
    summed = [each for each in left if each in right and each not in wanted]
    rows, columns = [each for each in left if each not in right], [each for each in right if each not in left]
    counts = [math.prod(size[each] for each in letters) for letters in (both, rows, summed, columns)]
    x = _reshaped(e, _permuted(e, x, left, [*both, *rows, *summed]), [counts[0], counts[1], counts[2]])
    y = _reshaped(e, _permuted(e, y, right, [*both, *summed, *columns]), [counts[0], counts[2], counts[3]])
    product = _reshaped(e, e("matmul", x, y), [size[each] for each in (*both, *rows, *columns)])
    return _permuted(e, product, [*both, *rows, *columns], wanted)


def _sum(e, x, term, kept):
    """The tensor summed over the letters that are in no other term, and its letters."""
    dims = [place for place, each in enumerate(term) if each not in kept]
    return (e("sum", x, dims=dims, keepdim=False) if dims else x), [each for each in term if each in kept]


def _permuted(e, x, letters, wanted):
    dims = [[*letters].index(each) for each in wanted]
    return x if dims == list(range(len(dims))) else e("permute", x, dims=dims)


def _reshaped(e, x, shape):
    return x if [*x.shape] == shape else e("reshape", x, shape=shape)


HANDLERS = {"einsum": _einsum}
