"""`python -m touchstone_golden.networks OUT [NAME…]`: writes the networks to OUT/<name>."""

import argparse
from pathlib import Path

from . import ENTRIES, write_networks

parser = argparse.ArgumentParser(prog="python -m touchstone_golden.networks", description=__doc__)
parser.add_argument("folder", type=Path, metavar="OUT")
parser.add_argument("names", nargs="*", metavar="NAME")
arguments = parser.parse_args()
unknown = set(arguments.names) - {entry.name for entry in ENTRIES}
if unknown:
    parser.error(
        f"no such network: {', '.join(sorted(unknown))}; there are {', '.join(entry.name for entry in ENTRIES)}"
    )
for entry in write_networks(arguments.folder, arguments.names):
    print(f"{entry.name}: {entry.why}")
