"""The rows as a table in Markdown, and the page around it."""

import torch

from .trial import BACKENDS, METHODS

_PAGE = """# Which networks are supported

`touchstone.export_network(module, example_input, folder)` of [tools/python]({python}/README.md) exports a torch
module; every command takes the folder by `--network`. Whatever its forward calls must be one of the functions of
[formats.md](formats.md#networkjson), in any spelling. Sizes may be computed; neither values nor
the number of images may decide what is called. All that is not supported is named at once, each with its module, and
nothing is written.

| of your network | what it becomes |
|---|---|
| layers of torch.nn, of timm, of your own | modules with the same paths: a hook on `blocks.3` means the same |
| parameters and buffers of a module, tensors made in `__init__` | tensors of its container |
| several outputs: a tuple, a list, a dictionary | one output, side by side; a target names the head |
| maps as outputs, as of a U-Net | a map; a target names a pixel, a region, or all of it |
| a signal [N,C,L] | an image of height 1 |
| several inputs of the same size, given as a tuple | one input, side by side as channels |
| tokens, as of a vision transformer | Grad-CAM needs their grid: `--set 'tokens={{"skip":1,"grid":[14,14]}}'` |
| channels last, as of a Swin | Grad-CAM needs `--set channelsLast=true` |

`npx touchstone layers --network DIR` lists all layers, and which one a CAM takes.

## Tried

{count} networks of torchvision and timm with {weights}, on one image of {sizes} pixels;
where that disagrees, as when float32 puts a value across a switch point, on a second or a third. Each cell is the
relative error e2 of the worst stage against PyTorch {torch} in float64: of `float64`, at most {worst};
of `wasm`, within what [tolerance.md](concepts/tolerance.md) allows. Made by
`python -m touchstone_golden.coverage OUT --page docs/networks.md`; with `--weights`, torchvision's networks are tried
with those of its weights that PyTorch has in its cache.

{table}"""


def page(rows):
    """docs/networks.md."""
    float64 = [each["e2"] for row in rows for each in row.get("agreement", {}).get("float64", {}).values()]
    text = table(rows)
    sizes = [row["shape"][-1] for row in rows]
    return _PAGE.format(
        count=len(rows),
        weights=_whose(rows),
        sizes=" to ".join(map(str, sorted({min(sizes), max(sizes)}))),
        torch=torch.__version__.split("+")[0],
        worst=f"{max(float64):.0e}",
        table=text,
        python="../tools/python",
    )


def _whose(rows):
    are_random = {row.get("weights", "random weights") == "random weights" for row in rows}
    if are_random == {True}:
        return "the random weights that they draw"
    return "their own weights" if are_random == {False} else "random weights or their own"


def table(rows):
    """One line per network: how far each method is from PyTorch's float64, on each engine; then those that are not
    supported, each with its reason.
    """
    columns = [f"{method} on {backend}" for backend in BACKENDS for method in METHODS]
    lines = [
        f"| library | family | network | parameters | {' | '.join(columns)} |",
        f"|---|---|---|--:|{'--:|' * len(columns)}",
    ]
    for row in rows:
        if "agreement" not in row:
            continue
        cells = [_cell(row["agreement"][backend][method]) for backend in BACKENDS for method in METHODS]
        lines.append(
            f"| {row['library']} | {row['family']} | `{row['name']}` | {row['parameters'] / 1e6:.1f} M "
            f"| {' | '.join(cells)} |"
        )
    if refused := [row for row in rows if "reason" in row]:
        lines += ["", "| network | why not |", "|---|---|"]
        lines += [f"| `{row['name']}` | {_escaped(row['reason'])} |" for row in refused]
    return "\n".join(lines) + "\n"


def _cell(found):
    if found["status"] == "passed":
        return f"{found['e2']:.0e}"
    reason = (found["reason"] or "").strip().splitlines() or [""]
    return f"{found['status']}: {_escaped(reason[-1])[:80]}"


def _escaped(text):
    return text.replace("|", "\\|").replace("\n", " ")
