"""`python -m touchstone_golden regen | accept | repack | manifest | fixtures | probes | cross-checks |
export-torchvision`
"""

import argparse
import sys
from pathlib import Path

from touchstone.__main__ import add_export_torchvision, run_export_torchvision

from .cases import REPOSITORY


def main():
    parser = argparse.ArgumentParser(
        prog="python -m touchstone_golden", description="Makes goldens from golden/cases.jsonl."
    )
    commands = parser.add_subparsers(dest="command", required=True)

    def command(name, text):
        sub = commands.add_parser(name, help=text, description=text)
        sub.add_argument(
            "--golden", type=Path, default=REPOSITORY / "golden", help="the golden folder (default: the repository's)"
        )
        return sub

    for name, text in (
        ("regen", "make goldens in a new folder and compare them with golden/; exit status 1 if any differs"),
        ("accept", "move the new and different goldens that regen made to golden/, and rewrite manifest.json"),
    ):
        sub = command(name, text)
        sub.add_argument("--case", default="*", metavar="GLOB", help="only cases whose id matches")
        sub.add_argument(
            "--out", type=Path, default=REPOSITORY / "golden-new", help="where regen writes (default: golden-new)"
        )
        if name == "accept":
            sub.add_argument(
                "--all", action="store_true", help="also goldens that are the same within the recorded float32 error"
            )
    sub = command("repack", "write goldens that an older maker made as regen does now, without running PyTorch on them")
    sub.add_argument("--case", default="*", metavar="GLOB", help="only cases whose id matches")
    command("manifest", "rewrite manifest.json from the files in golden/")
    command("fixtures", "make the stored noise that cases name and that is missing")
    command("probes", "write PyTorch's answers to the probes of gradient rules to probes.json (then run manifest)")
    sub = command(
        "cross-checks", "ask Captum, pytorch-grad-cam and zennit; write cross-checks.json, docs/cross-checks.md"
    )
    sub.add_argument(
        "--case", default="*", metavar="GLOB", help="only cases whose id matches (writes nothing, prints the rows)"
    )
    add_export_torchvision(commands)
    return run(parser.parse_args())


def run(options):
    """Imports late, because each command needs different libraries."""
    if options.command == "regen":
        from .regen import regen

        return regen(options.golden, options.out, options.case)
    if options.command == "accept":
        from .regen import accept

        return accept(options.golden, options.out, options.case, options.all)
    if options.command == "repack":
        from .repack import repack

        return repack(options.golden, options.case)
    if options.command == "manifest":
        from .manifest import write_manifest

        return write_manifest(options.golden)
    if options.command == "fixtures":
        from .fixtures import make_fixtures

        return make_fixtures(options.golden)
    if options.command == "export-torchvision":
        return run_export_torchvision(options)
    if options.command == "probes":
        from .probes import write_probes

        return write_probes(options.golden)
    from .cross_checks import cross_checks

    return cross_checks(options.golden, options.case)


if __name__ == "__main__":
    sys.exit(main())
