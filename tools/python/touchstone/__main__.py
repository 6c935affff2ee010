"""`python -m touchstone export-torchvision NAME --weights WEIGHTS --out DIR`"""

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
    text = "write torchvision's network NAME as a folder that `touchstone attribute --network` explains"
    command = commands.add_parser("export-torchvision", help=text, description=text)
    command.add_argument(
        "name", metavar="NAME", help="a network for classification or segmentation, such as resnet50 or fcn_resnet50"
    )
    weights = command.add_mutually_exclusive_group(required=True)
    weights.add_argument(
        "--weights",
        metavar="WEIGHTS",
        help="DEFAULT or another of torchvision's, such as IMAGENET1K_V2, which is downloaded unless PyTorch's cache "
        "has it; or a file with a state_dict, such as vgg19-dcbb9e9d.pth from download.pytorch.org/models",
    )
    weights.add_argument("--random", action="store_true", help="the random weights that torchvision draws")
    command.add_argument("--seed", type=int, default=0, metavar="N", help="of --random (default: 0)")
    command.add_argument("--out", type=Path, required=True, metavar="DIR", help="the folder to write")


def run_export_torchvision(options):
    from .network.export_torchvision import export_torchvision

    try:
        export_torchvision(options.name, options.weights, options.out, seed=options.seed)
    except ExportError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    sys.exit(main())
