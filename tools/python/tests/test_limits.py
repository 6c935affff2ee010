"""What export_network may write can be read: packages/contract/src/domain/ops/limits.test.ts judges the same rows."""

import json
from pathlib import Path

import pytest

from touchstone import NetworkError
from touchstone.network.operations import OPS, check_attributes

ROWS = json.loads((Path(__file__).parent / "limits.json").read_text())


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["op"])
def test_limits_of_attributes(row):
    check_attributes(OPS[row["op"]], row["fits"], row["op"])
    with pytest.raises(NetworkError):
        check_attributes(OPS[row["op"]], row["misfit"], row["op"])
