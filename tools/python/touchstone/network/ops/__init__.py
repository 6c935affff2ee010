"""Every function of `network.json`, by families: the same table as that of `packages/contract/src/domain/ops`."""

from . import activations, arithmetic, normalisation, reductions, shape, windows

TABLE = {
    **activations.OPS,
    **arithmetic.OPS,
    **reductions.OPS,
    **normalisation.OPS,
    **windows.OPS,
    **shape.OPS,
}
"""Name → `Op`."""
