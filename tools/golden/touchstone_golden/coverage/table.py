"""The rows as a table in Markdown."""

from .trial import BACKENDS, METHODS


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
    return f"{found['status']}: {_escaped(found['reason'] or '')[:80]}"


def _escaped(text):
    return text.replace("|", "\\|").replace("\n", " ")
