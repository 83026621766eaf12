import math
import random
from contextlib import suppress
from pathlib import Path

import h5py
import numpy as np
import pytest
from model_files import INPUTS, UNITS, archive, assert_refused, config_json, random_arrays, read, weights_h5

from charlstm.errors import ModelFileError
from charlstm.network.lstm import LSTMWeights, Network

KERNEL = "layers/lstm/cell/vars/0"
DENSE = "layers/dense/vars/0"


def test_a_network_is_what_its_arrays_say():
    arrays = random_arrays()
    lstm = LSTMWeights(*(arrays[f"layers/lstm/cell/vars/{index}"] for index in range(3)))
    expected = Network(arrays["layers/embedding/vars/0"], [lstm], arrays[DENSE], arrays["layers/dense/vars/1"])
    network = read(archive()).network
    ids = np.array([3, 1, 2, 7])
    np.testing.assert_array_equal(
        network.logits(network.read(ids)[-1].hidden), expected.logits(expected.read(ids)[-1].hidden)
    )


@pytest.mark.parametrize("rng_seed", range(4))
def test_corrupted_weights_are_refused_or_read_but_never_break(rng_seed):
    chance, whole = random.Random(rng_seed), weights_h5(random_arrays())
    for _ in range(60):
        content = bytearray(whole)
        for _ in range(chance.choice([1, 4, 16])):
            content[chance.randrange(len(content))] = chance.choice([0, 1, 127, 128, 255])
        with suppress(ModelFileError):
            network = read(archive(weights=bytes(content))).network
            assert np.isfinite(network.logits(network.read(np.array([1, 2]))[-1].hidden)).all()


def with_arrays(**replaced) -> bytes:
    """A file with arrays replaced, by the last parts of their paths: `kernel`, `dense`, …"""
    paths = {
        "embedding": "layers/embedding/vars/0",
        "kernel": KERNEL,
        "recurrent_kernel": "layers/lstm/cell/vars/1",
        "bias": "layers/lstm/cell/vars/2",
        "dense": DENSE,
        "dense_bias": "layers/dense/vars/1",
    }
    return archive(weights=weights_h5(random_arrays() | {paths[key]: array for key, array in replaced.items()}))


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1e7, -1e30, 1e300])
@pytest.mark.parametrize("key", ["embedding", "kernel", "recurrent_kernel", "bias", "dense", "dense_bias"])
def test_weights_that_are_no_usable_numbers_are_refused(key, value):
    shapes = {"embedding": (8, INPUTS), "kernel": (INPUTS, 4 * UNITS), "recurrent_kernel": (UNITS, 4 * UNITS)}
    shapes |= {"bias": (4 * UNITS,), "dense": (UNITS, 8), "dense_bias": (8,)}
    array = np.zeros(shapes[key])  # float64, so that 1e300 is a number in the file
    array.flat[-1] = value
    assert_refused(with_arrays(**{key: array}), "numbers that are not finite, or beyond 1,000,000")


@pytest.mark.parametrize("dtype", [np.float16, np.float64])
def test_weights_of_other_float_types_are_read(dtype):
    bias = np.linspace(-1, 1, 8).astype(dtype)
    assert read(with_arrays(dense_bias=bias)).network.dense_bias.tolist() == bias.astype(np.float32).tolist()


@pytest.mark.parametrize(
    "arrays",
    [
        {"dense_bias": np.zeros(7)},
        {"dense_bias": np.zeros(1)},
        {"dense": np.zeros((UNITS + 1, 8))},
        {"dense": np.zeros((UNITS, 9)), "dense_bias": np.zeros(9)},
        {"kernel": np.zeros((INPUTS, 4 * UNITS + 1))},
        {"kernel": np.zeros((INPUTS + 1, 4 * UNITS))},
        {"recurrent_kernel": np.zeros((UNITS, 4 * UNITS - 1))},
        {"bias": np.zeros(4 * UNITS + 4)},
        {"embedding": np.zeros((9, INPUTS))},
        {"embedding": np.zeros((0, 0))},
    ],
    ids=str,
)
def test_shapes_that_do_not_fit_are_refused(arrays):
    assert_refused(with_arrays(**arrays), "layers whose shapes do not fit")


@pytest.mark.parametrize(
    "array",
    [np.zeros((2, 2, 2)), np.zeros(5), np.float32(1), np.zeros((3, 20), np.int32), np.zeros((3, 20), "S1")],
    ids=str,
)
def test_arrays_of_the_wrong_kind_are_refused(array):
    assert_refused(with_arrays(kernel=array), "has damaged weights .*has shape")


def without(path: str) -> dict[str, np.ndarray]:
    return {key: array for key, array in random_arrays().items() if key != path}


def external_storage(tmp_path: Path) -> bytes:
    secret = tmp_path / "secret"
    secret.write_bytes(np.ones((UNITS, 8), np.float32).tobytes())

    def add(weights: h5py.File) -> None:
        weights.create_dataset(DENSE, (UNITS, 8), "f4", external=[(str(secret), 0, UNITS * 8 * 4)])

    return weights_h5(without(DENSE), add)


def virtual_dataset(tmp_path: Path) -> bytes:
    with h5py.File(tmp_path / "other.h5", "w") as other:
        other["secret"] = np.ones((UNITS, 8), np.float32)
    layout = h5py.VirtualLayout((UNITS, 8), "f4")
    layout[:] = h5py.VirtualSource(str(tmp_path / "other.h5"), "secret", shape=(UNITS, 8))
    return weights_h5(without(DENSE), lambda weights: weights.create_virtual_dataset(DENSE, layout))


def external_link(tmp_path: Path, path: str = DENSE) -> bytes:
    with h5py.File(tmp_path / "other.h5", "w") as other:
        other["secret"] = np.ones((UNITS, 8), np.float32)
        other["vars/0"] = np.ones((UNITS, 8), np.float32)

    def add(weights: h5py.File) -> None:
        weights[path] = h5py.ExternalLink(str(tmp_path / "other.h5"), "/secret" if path == DENSE else "/")

    kept = {key: array for key, array in random_arrays().items() if not key.startswith(path)}
    return weights_h5(kept, add)


def external_group(tmp_path: Path) -> bytes:
    return external_link(tmp_path, "layers/dense")


def soft_link(tmp_path: Path) -> bytes:
    def add(weights: h5py.File) -> None:
        weights["elsewhere"] = random_arrays()[DENSE]
        weights[DENSE] = h5py.SoftLink("/elsewhere")

    return weights_h5(without(DENSE), add)


def group_for_array(tmp_path: Path) -> bytes:
    return weights_h5(without(DENSE), lambda weights: weights.create_group(DENSE))


def array_for_group(tmp_path: Path) -> bytes:
    kept = {key: array for key, array in random_arrays().items() if not key.startswith("layers/dense")}
    return weights_h5(kept | {"layers/dense": np.zeros(3)})


def missing_array(tmp_path: Path) -> bytes:
    return weights_h5(without(DENSE))


@pytest.mark.parametrize(
    "make",
    [external_storage, virtual_dataset, external_link, external_group, soft_link]
    + [group_for_array, array_for_group, missing_array],
)
def test_weights_that_lead_elsewhere_are_refused(make, tmp_path):
    assert_refused(archive(weights=make(tmp_path)), "has damaged weights .*(is missing or a link|is not a plain array)")


@pytest.mark.parametrize("settings", [{"chunks": (UNITS, 8)}, {"compression": "gzip"}, {"fletcher32": True}], ids=str)
def test_arrays_in_pieces_are_refused_whatever_they_unfold_to(settings):
    def add(weights: h5py.File) -> None:
        weights.create_dataset(DENSE, (UNITS, 8), "f4", np.zeros((UNITS, 8)), **settings)

    assert_refused(archive(weights=weights_h5(without(DENSE), add)), "is not a plain array")


def test_a_shape_without_its_numbers_is_refused():
    def add(weights: h5py.File) -> None:
        weights.create_dataset(DENSE, (UNITS, 2_000_000), "f4")  # never written: it takes no bytes in the file

    assert_refused(archive(weights=weights_h5(without(DENSE), add)), "is not a plain array")


def test_many_names_of_one_large_array_are_refused():
    def add(weights: h5py.File) -> None:
        large = weights.create_dataset("large", data=np.zeros((1000, 4000), np.float32))
        for index in range(40):
            for variable in range(2):
                weights[f"layers/lstm_{index}/cell/vars/{variable}".replace("lstm_0", "lstm")] = large

    layers = [("LSTM", {"use_bias": False})] * 40 + [("Dense", {})]
    content = archive(config=config_json(layers), weights=weights_h5({}, add))
    assert len(content) < 1_000_000
    assert_refused(content, "more than 16,000,000 parameters")


def test_sums_beyond_the_numbers_of_a_computer_are_refused():
    large = {f"layers/dense{suffix}/vars/0": np.full((8, 8), 1e6) for suffix in ("_1", "_2", "_3", "_4", "_5")}
    layers = [("Embedding", {}), ("LSTM", {}), *[("Dense", {"use_bias": False, "activation": "relu"})] * 5]
    content = archive(config=config_json([*layers, ("Dense", {})]), weights=weights_h5(random_arrays() | large))
    assert_refused(content, "their sums can leave the numbers that a computer has")


@pytest.mark.parametrize("layers", [[("LSTM", {})] * 64, [("Dropout", {})] * 3000], ids=len)
def test_more_layers_than_anyone_stacks_are_refused_at_once(layers):
    assert_refused(archive(config=config_json([*layers, ("Dense", {})])), "more than 64 layers")


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ([("LSTM", {}), ("BatchNormalization", {}), ("Dense", {})], "has a layer BatchNormalization that"),
        ([("Embedding", {}), ("Embedding", {}), ("LSTM", {}), ("Dense", {})], "has a layer Embedding that"),
        ([("Embedding", {}), ("LSTM", {})], "has no LSTM layer followed by a Dense"),
        ([("Dropout", {})], "has no LSTM layer followed by a Dense"),
        ([("Embedding", {}), ("Softmax", {}), ("LSTM", {}), ("Dense", {})], "has a layer Softmax that"),
        (
            [("Embedding", {}), ("LSTM", {}), ("Dense", {"activation": "softmax"}), ("Softmax", {})],
            "has a layer Softmax that",
        ),
        ([("Embedding", {}), ("LSTM", {"time_major": True}), ("Dense", {})], "time_major=True"),
        ([("Embedding", {}), ("LSTM", {"activation": ["x" * 10_000]}), ("Dense", {})], r"activation=\['xxx"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_layers_that_would_be_computed_differently_are_refused(layers, message):
    assert_refused(archive(config=config_json(layers)), message)


@pytest.mark.parametrize(
    "tail",
    [
        [("Dense", {})],
        [("Dense", {"activation": "linear"}), ("Softmax", {})],
        [("Dropout", {"rate": 0.5}), ("Dense", {}), ("Activation", {"activation": "softmax"})],
    ],
    ids=str,
)
def test_layers_that_change_nothing_while_generating_are_read(tail):
    model = read(archive(config=config_json([("Embedding", {}), ("Dropout", {}), ("LSTM", {}), *tail])))
    assert model.network.units == (UNITS,)


def thin(embedded: bool, vocab_size: int = 6000, units: int = 1000) -> bytes:
    """Few numbers, whose products would fill the memory: (vocab_size, 1) and (1, 4 units or more)."""

    def zeros(*shape: int) -> np.ndarray:
        return np.zeros(shape, np.float32)

    first = [("Embedding", {})] if embedded else [("Dense", {}), ("Dense", {"use_bias": False})]
    arrays = {
        "layers/embedding/vars/0": zeros(vocab_size, 1),
        "layers/dense/vars/0": zeros(vocab_size, 1),
        "layers/dense/vars/1": zeros(1),
        "layers/dense_1/vars/0": zeros(1, 4 * units),
        "layers/lstm/cell/vars/0": zeros(1 if embedded else 4 * units, 4),
        "layers/lstm/cell/vars/1": zeros(1, 4),
        "layers/lstm/cell/vars/2": zeros(4),
    }
    if embedded:
        arrays |= {"layers/lstm/cell/vars/0": zeros(1, 4 * units), "layers/lstm/cell/vars/1": zeros(units, 4 * units)}
        arrays |= {"layers/lstm/cell/vars/2": zeros(4 * units)}
        arrays |= {"layers/dense/vars/0": zeros(units, 1), "layers/dense_1/vars/0": zeros(1, vocab_size)}
    last = [("Dense", {}), ("Dense", {"use_bias": False})] if embedded else [("Dense", {"use_bias": False})]
    if not embedded:
        arrays["layers/dense_2/vars/0"] = zeros(1, vocab_size)
    return archive(config=config_json([*first, ("LSTM", {}), *last]), weights=weights_h5(arrays))


@pytest.mark.parametrize("embedded", [True, False])
def test_thin_arrays_that_unfold_to_a_large_table_are_refused(embedded):
    assert_refused(thin(embedded), "of its inputs has more than 16,000,000 numbers")


def test_more_characters_than_a_page_can_show_are_refused():
    assert_refused(thin(embedded=True, vocab_size=12_000, units=2), "at most 10,000 can be shown")
