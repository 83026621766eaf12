"""Strangers' files are read first where they can be cut off; what is wrong with them is said here all the same."""

import os
import sys

import numpy as np
import pytest
from model_files import archive, config_json, metadata_json, weights_h5

from charlstm.errors import MissingArchitectureError, ModelFileError
from charlstm.network import quarantine
from charlstm.network.quarantine import try_to_read

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="limits are those of Linux")]


@pytest.mark.parametrize("content", [archive(), archive(metadata=None)], ids=["ours", "without vocabulary"])
def test_what_can_be_read_passes(content):
    assert try_to_read(content, "m.keras") is None


def test_what_is_wrong_is_said_with_its_name():
    with pytest.raises(
        ModelFileError, match=r"^m\n\[x\]\(y\).keras has a damaged charlstm.json \(`epoch` must be a number"
    ):
        try_to_read(archive(metadata=metadata_json(epoch=-1)), "m\n[x](y).keras")
    arrays = {"layers/dense/vars/0": np.zeros((2, 2), np.float32)}
    with pytest.raises(MissingArchitectureError, match="weights alone"):
        try_to_read(weights_h5(arrays), "m.h5")
    with pytest.raises(ModelFileError, match="m.h5 has damaged weights"):
        try_to_read(weights_h5(arrays), "m.h5", config_json())


@pytest.mark.parametrize("trouble", ["os.abort()", "bytearray(10**9)", "[0 for _ in iter(int, 1)]"])
def test_what_crashes_grows_or_loops_is_cut_off(trouble, tmp_path, monkeypatch):
    (tmp_path / "sitecustomize.py").write_text(
        f"import os\nimport h5py\ndef trouble(*_):\n    {trouble}\nh5py.File = trouble\n"
    )
    monkeypatch.setattr(quarantine, "SEARCHED", os.pathsep.join([str(tmp_path), quarantine.SEARCHED]))
    with pytest.raises(ModelFileError, match="m.keras cannot be read within 2 s and 200 MB. Save it again"):
        try_to_read(archive(), "m.keras")


def test_the_largest_network_is_within_the_limits():
    units = 1980
    arrays = {
        "layers/lstm/cell/vars/0": np.zeros((8, 4 * units), np.float32),
        "layers/lstm/cell/vars/1": np.zeros((units, 4 * units), np.float32),
        "layers/lstm/cell/vars/2": np.zeros(4 * units, np.float32),
        "layers/dense/vars/0": np.zeros((units, 8), np.float32),
        "layers/dense/vars/1": np.zeros(8, np.float32),
    }
    assert (
        try_to_read(archive(config=config_json([("LSTM", {}), ("Dense", {})]), weights=weights_h5(arrays)), "m") is None
    )
