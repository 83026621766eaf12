import numpy as np
import pytest

from charlstm.text.vocab import Vocab
from charlstm.training.data import Streams, Windows

TEXT = "It is with people as it is with the tree: the more it seeks to rise into the height and light. " * 3


def test_streams_go_on_where_they_stood():
    ids = np.arange(1000)
    streams = Streams(ids, window=7, batch_size=4)
    read, next_ids = (
        np.concatenate(parts, axis=1) for parts in zip(*streams.epoch(np.random.default_rng(0)), strict=True)
    )
    assert read.shape == next_ids.shape == (streams.rows, streams.steps * 7)
    np.testing.assert_array_equal((read + 1) % 1000, next_ids)  # what follows, over the seam too
    np.testing.assert_array_equal(read[:, 1:], next_ids[:, :-1])


def test_streams_read_nearly_all_of_the_text_and_nothing_twice():
    streams = Streams(np.arange(100_000), window=60, batch_size=32)
    read = np.concatenate([ids.ravel() for ids, _ in streams.epoch(np.random.default_rng(0))])
    assert len(read) == len(set(read)) == streams.characters
    assert streams.characters > 100_000 - streams.rows * 61


def test_each_epoch_cuts_elsewhere():
    streams = Streams(np.arange(5000), window=20, batch_size=4)
    starts = {int(next(streams.epoch(np.random.default_rng(epoch)))[0][0, 0]) for epoch in range(10)}
    assert len(starts) == 10


@pytest.mark.parametrize(("length", "rows", "steps"), [(200, 1, 3), (12_000, 2, 99), (192_001, 32, 100)])
def test_short_texts_get_fewer_streams(length, rows, steps):
    streams = Streams(np.zeros(length, np.int32), window=60, batch_size=32)
    assert (streams.rows, streams.steps) == (rows, steps)


def test_windows_are_those_of_the_notebook():
    vocab = Vocab.from_text(TEXT)
    windows = Windows(vocab.encode(TEXT), window=60, batch_size=16)
    got = [
        (vocab.decode(row), vocab.decode([next_id]))
        for ids, next_ids in windows.epoch(np.random.default_rng(0))
        for row, next_id in zip(ids, next_ids, strict=True)
    ]
    expected = [(TEXT[i : i + 60], TEXT[i + 60]) for i in range(0, len(TEXT) - 60, 3)]  # as written in the notebook
    assert sorted(got) == sorted(expected)
    assert got != expected  # shuffled
    assert windows.characters == len(expected)
    assert windows.steps == -(-len(expected) // 16)


def test_windows_of_nietzsche_are_as_many_as_in_the_notebook():
    assert Windows(np.zeros(600_893, np.int8), window=60, batch_size=128).characters == 200_278


@pytest.mark.parametrize("kind", [Streams, Windows])
def test_what_a_teacher_expects_stands_beside_what_follows(kind):
    ids, expected = np.arange(500) % 7, np.random.default_rng(0).random((500, 7)).astype(np.float16)
    bare, taught = (list(kind(ids, 20, 2, *given).epoch(np.random.default_rng(1))) for given in ((), (expected,)))
    place_of = {tuple(row): place for place, row in enumerate(expected)}
    for (ids_read, next_ids), (same_ids, targets) in zip(bare, taught, strict=True):
        np.testing.assert_array_equal(ids_read, same_ids)
        np.testing.assert_array_equal(next_ids, targets[..., 0])
        places = np.array([place_of[tuple(row)] for row in targets[..., 1:].reshape(-1, 7)])
        np.testing.assert_array_equal(ids[places], next_ids.ravel())
