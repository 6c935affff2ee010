"""`python -m touchstone_golden.coverage OUT [GLOB…]`: tries networks and writes rows and a table to OUT.

A GLOB is of `library/name`, such as `torchvision/resnet*`. Networks that OUT already has are not tried again. PyTorch,
torchvision and timm must be installed, and Touchstone built.
"""

import argparse
import json
import shutil
import sys
import time
from pathlib import Path

from touchstone.network.export_torchvision import cache_folder

from ..maker import deterministic
from ..regen import say, write_whole
from .networks import tried
from .table import page, table
from .trial import try_network


def main():
    parser = argparse.ArgumentParser(prog="python -m touchstone_golden.coverage", description=__doc__)
    parser.add_argument("out", type=Path, metavar="OUT")
    parser.add_argument("patterns", nargs="*", default=["*"], metavar="GLOB")
    parser.add_argument(
        "--weights", action="store_true", help="torchvision's networks with its own weights, where PyTorch has them"
    )
    parser.add_argument("--page", type=Path, metavar="FILE", help="also write the page about all networks in OUT")
    options = parser.parse_args()
    deterministic()
    file = options.out / "rows.json"
    rows = {(row["library"], row["name"]): row for row in (json.loads(file.read_text()) if file.exists() else [])}
    every = tried(options.patterns, downloaded=options.weights)
    if not every:
        where = f" among torchvision's weights in {cache_folder()}; set TORCH_HOME to have others" * options.weights
        parser.error(f"no network matches {' '.join(options.patterns)}{where}")
    waiting = [each for each in every if (each.library, each.name) not in rows]
    start = time.monotonic()
    for number, each in enumerate(waiting, 1):
        folder = options.out / "trial"
        shutil.rmtree(folder, ignore_errors=True)
        try:
            row = try_network(each, folder)
        except Exception as error:  # one network must not end the others
            row = {"library": each.library, "family": each.family, "name": each.name, "shape": list(each.shape)}
            row |= {"weights": each.weights, "reason": repr(error)[:300]}
        rows[each.library, each.name] = row
        write_whole(file, json.dumps([*rows.values()], indent=1).encode())
        write_whole(options.out / "table.txt", table([*rows.values()]).encode())
        left = (time.monotonic() - start) / number * (len(waiting) - number)
        say(f"[{number}/{len(waiting)}] {each.library}/{each.name}: {_short(row)}, {left / 60:.0f} minutes left")
    shutil.rmtree(options.out / "trial", ignore_errors=True)
    if options.page:
        write_whole(options.page, page([*rows.values()]).encode())
    return int(any("reason" in row for row in rows.values()))


def _short(row):
    if "reason" in row:
        return row["reason"][:200]
    found = [(f"{b} {m}", each) for b, methods in row["agreement"].items() for m, each in methods.items()]
    failed = [name for name, each in found if each["status"] != "passed"]
    return f"differs: {', '.join(failed)}" if failed else "agrees"


if __name__ == "__main__":
    sys.exit(main())
