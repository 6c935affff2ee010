from pathlib import Path

import torch
from safetensors.torch import load_file

from touchstone_golden.inputs import write_inputs
from touchstone_golden.toy import disc_labels

GOLDEN = Path(__file__).parents[3] / "golden"


def test_same_bytes_again(tmp_path):
    list(write_inputs(tmp_path))
    files = {file.relative_to(tmp_path): file.read_bytes() for file in tmp_path.rglob("*.*") if file.is_file()}
    assert files == {name: (GOLDEN / "inputs" / name).read_bytes() for name in files}, "golden/inputs is stale"


def test_traps_are_in_place():
    def x(name):
        return load_file(GOLDEN / f"inputs/{name}.safetensors")["x"]

    assert x("levels-32").unique().tolist() == [-1, 0, 1, 2]
    assert (x("backdrop-32") == 0).float().mean() > 0.7
    assert x("constant-32").unique().numel() == 1
    spans = torch.stack([image.max() - image.min() for image in x("batch-32")])
    assert spans.max() > 30 * spans.min()
    assert (x("digits") == 0).float().mean() > 0.3 and x("digits").shape == (10, 1, 8, 8)
    assert x("digits-all").shape == (1797, 1, 8, 8) and x("digits-200").equal(x("digits-all")[:200])
    assert 80 < disc_labels(x("disc")).sum() < 120
    assert x("cat").shape == (1, 3, 224, 224) and -1 <= x("cat").min() and x("cat").max() <= 1
