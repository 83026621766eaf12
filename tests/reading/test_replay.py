"""A written text read again: the same distributions as those it was drawn from."""

import numpy as np
import pytest
from small_models import random_model

from charlstm.errors import UnknownCharactersError
from charlstm.network.lstm import Network
from charlstm.network.metrics import entropy_bits
from charlstm.reading.replay import TOP, explain_taken, replay
from charlstm.reading.text_score import score_text
from charlstm.writing.live_text import LiveText
from charlstm.writing.sampling import Sampler

SAMPLERS = [Sampler(0.5)] * 20 + [Sampler(1.3, top_k=5)] * 20 + [Sampler(0.0)] * 5 + [Sampler(1.0, top_p=0.8)] * 15


def written_text(model, context: int | None = None) -> tuple[LiveText, list[np.ndarray]]:
    """A text whose settings were moved while it was written, and what each character was drawn from."""
    live, drawn_from = LiveText(model, "abcabc", 7, context), []
    for sampler in SAMPLERS:
        live.write_one(sampler)
        drawn_from.append(live.last_draw.probabilities[0])
    return live, drawn_from


@pytest.mark.parametrize("context", [None, 4])
def test_gives_the_distributions_the_text_was_drawn_from(tiny_model, context):
    live, drawn_from = written_text(tiny_model, context)
    replayed = replay(tiny_model, live)
    assert replayed.text == live.text
    ids = tiny_model.vocab.encode(live.text)
    taken = [probabilities[id] for probabilities, id in zip(drawn_from, ids, strict=True)]
    np.testing.assert_allclose(replayed.taken_probabilities, taken, atol=1e-5)
    np.testing.assert_allclose(replayed.drawn_entropy_bits, entropy_bits(np.array(drawn_from)), atol=1e-4)
    expected = np.take_along_axis(np.array(drawn_from), replayed.score.top_ids, axis=1)
    np.testing.assert_allclose(replayed.drawn_probabilities, expected, atol=1e-5)


def test_its_reading_is_that_of_the_text_after_its_seed(tiny_model):
    live, _ = written_text(tiny_model)
    score, other = replay(tiny_model, live).score, score_text(tiny_model, live.text, 1.0, TOP, live.seed.text)
    for name in ("surprisal_bits", "rank", "entropy_bits", "top_ids", "top_probabilities"):
        np.testing.assert_allclose(getattr(score, name), getattr(other, name), atol=1e-6)


@pytest.mark.parametrize("context", [None, 4])
def test_the_random_number_falls_on_the_character_that_was_drawn(tiny_model, context):
    live, _ = written_text(tiny_model, context)
    replayed = replay(tiny_model, live)
    for position, char in enumerate(live.text):
        why = explain_taken(tiny_model, live, replayed, position)
        assert tiny_model.vocab.chars[why.bar.ids[why.bar.drawn]] == char
        assert why.bar.temperature == SAMPLERS[position].temperature
        assert why.bar.edges[why.bar.drawn] <= live.written[position].u < why.bar.edges[why.bar.drawn + 1]
        assert why.rank == replayed.score.rank[position]
        assert why.surprisal_bits == pytest.approx(replayed.score.surprisal_bits[position], abs=1e-5)


def test_another_model_reads_what_it_knows_of_the_text(tiny_model):
    live, _ = written_text(tiny_model)
    other = random_model("\n abcdef", rng_seed=3)  # no g, no h
    replayed = replay(other, live)
    assert replayed.text == live.text.replace("g", "").replace("h", "")
    assert len(replayed.text) < len(live.text)
    assert replayed.text == "".join(live.text[place] for place in replayed.places)
    position = len(replayed.text) - 1
    why = explain_taken(other, live, replayed, position)
    assert other.vocab.chars[why.id] == replayed.text[position]
    assert why.bar.u == live.written[replayed.places[position]].u


def test_a_model_that_knows_nothing_of_the_seed_text_says_so(tiny_model):
    live, _ = written_text(tiny_model)
    with pytest.raises(UnknownCharactersError):
        replay(random_model("XYZ"), live)


def test_nothing_written_is_nothing_read(tiny_model):
    replayed = replay(tiny_model, LiveText(tiny_model, "abc", 1))
    assert replayed.text == ""
    assert replayed.score.top_ids.shape == (0, TOP)


def test_reading_again_changes_nothing(tiny_model):
    live, _ = written_text(tiny_model)
    before = (live.text, live.next_logits.copy())
    replay(tiny_model, live)
    live.write_one(Sampler(1.0))
    again, _ = written_text(tiny_model)
    again.write_one(Sampler(1.0))
    assert live.text == again.text
    np.testing.assert_array_equal(before[1], written_text(tiny_model)[0].next_logits)


def test_of_a_window_only_what_it_sees_is_read_again(tiny_model, monkeypatch):
    live = LiveText(tiny_model, "abcabc", 7, context=4)
    live.target = 200
    live.write(Sampler(0.8), 200)
    replayed = replay(tiny_model, live)
    steps, advance = [], Network.advance
    monkeypatch.setattr(Network, "advance", lambda self, ids, *to: (steps.append(ids), advance(self, ids, *to))[1])
    explain_taken(tiny_model, live, replayed, 150)
    assert [id for ids in steps for id in ids] == tiny_model.vocab.encode(live.text[146:150]).tolist()
