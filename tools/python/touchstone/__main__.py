"""`python -m touchstone export-torchvision NAME --weights FILE --out DIR`"""

import argparse
import sys
from pathlib import Path

from .network.faults import ExportError


def main():
    parser = argparse.ArgumentParser(prog="python -m touchstone", description="Networks for Touchstone.")
    commands = parser.add_subparsers(dest="command", required=True)
    add_export_torchvision(commands)
    return run_export_torchvision(parser.parse_args())


def add_export_torchvision(commands):
    """Adds the command to argparse's `commands`."""
    text = (
        "write torchvision's network NAME with the weights in FILE as a folder that "
        "`touchstone attribute --network` explains"
    )
    command = commands.add_parser("export-torchvision", help=text, description=text)
    command.add_argument("name", metavar="NAME", help="alexnet, vgg16, vgg19, densenet121 or squeezenet1_1")
    command.add_argument(
        "--weights",
        type=Path,
        required=True,
        metavar="FILE",
        help="a state_dict, such as vgg19-dcbb9e9d.pth from download.pytorch.org/models",
    )
    command.add_argument("--out", type=Path, required=True, metavar="DIR", help="the folder to write")


def run_export_torchvision(options):
    from .network.export_torchvision import export_torchvision

    try:
        export_torchvision(options.name, options.weights, options.out)
    except ExportError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    sys.exit(main())
