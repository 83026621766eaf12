"""What single cells of an LSTM follow: their course through a text, beside what one can name in that text.

After Karpathy, Johnson & Fei-Fei, "Visualizing and Understanding Recurrent Networks" (2015), who looked for such cells
by eye; here a correlation says how far a cell goes along, on text by which it was not chosen. Knows models and texts,
no screens.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from charlstm.network.lstm import Float32s, Floats, Network
from charlstm.network.model_file import Model
from charlstm.text.vocab import Ids

SEARCHED = 10_000  # characters of a text, in stretches that are read side by side
STRETCHES = 16
WARM_UP = 50  # characters at the beginning of a stretch, whose cells come from the empty state: they do not count
SHORTEST = 1_600  # characters of a text in which cells are searched for
PHRASE_ENDS, QUOTES, VOWELS = ".,;:!?，。；：！？、", '"“”', "aeiouAEIOU"
Marks = npt.NDArray[np.bool_]


def read_cells(network: Network, ids: Ids) -> Float32s:
    """The course of all cells: ids (rows, length) -> tanh of each cell after each id, (rows, length, cells).

    Rows begin with the empty state; the cells of all layers follow one another. The hyperbolic tangent is what the
    output gate lets through of a cell.
    """
    courses = np.empty((*ids.shape, sum(network.units)), np.float32)
    state = network.initial_state(len(ids))
    for place in range(ids.shape[1]):
        state = network.step(ids[:, place], state)
        np.concatenate([layer.cell for layer in state], axis=-1, out=courses[:, place])
    return np.tanh(courses, courses)


# What one can name: text -> a number for each of its characters, as it stands once that character is read.


def _where(text: str, holds: Callable[[str], bool]) -> Marks:
    return np.fromiter(map(holds, text), bool, len(text))


def _last(marks: Marks) -> npt.NDArray[np.int64]:
    """The place of the last mark up to each character; -1 before the first."""
    last: npt.NDArray[np.int64] = np.maximum.accumulate(np.where(marks, np.arange(len(marks)), -1))
    return last


def _since(marks: Marks) -> npt.NDArray[np.int64]:
    """Characters since the last mark, which has 0; since the beginning before the first."""
    since: npt.NDArray[np.int64] = np.arange(len(marks)) - _last(marks)
    return since


def _open(steps: npt.NDArray[np.int64], text: str) -> npt.NDArray[np.int64]:
    """The sum of steps since the last empty line, after which nothing is taken to be open still."""
    newline, sums = _where(text, "\n".__eq__), steps.cumsum()
    empty = _last(newline & np.append(False, newline[:-1]))
    return sums - np.where(empty >= 0, sums[empty], 0)


def _in_quotes(text: str) -> Marks:
    within: Marks = _open(_where(text, QUOTES.__contains__).astype(int), text) % 2 == 1
    return within


def _in_brackets(text: str) -> Marks:
    return _open(_where(text, "([{".__contains__).astype(int) - _where(text, ")]}".__contains__), text) > 0


def _in_capitalized(text: str) -> Marks:
    letter, capital = _where(text, str.isalpha), _where(text, str.isupper)
    first = np.minimum(_last(~letter) + 1, len(text) - 1)  # of the word, at its letters
    within: Marks = letter & capital[first]
    return within


def _indentation(text: str) -> Marks:
    newline, other = _where(text, "\n".__eq__), _where(text, lambda char: char not in " \n")
    return _where(text, " ".__eq__) & (_last(other) <= _last(newline))


FEATURES: dict[str, Callable[[str], np.ndarray]] = {
    "line": lambda text: _since(_where(text, "\n".__eq__)),
    "word": lambda text: _since(~_where(text, str.isalpha)),
    "phrase": lambda text: _since(_where(text, PHRASE_ENDS.__contains__)),
    "quotes": _in_quotes,
    "brackets": _in_brackets,
    "capitalized": _in_capitalized,
    "indentation": _indentation,
    "capital": lambda text: _where(text, str.isupper),
    "space": lambda text: _where(text, str.isspace),
    "vowel": lambda text: _where(text, VOWELS.__contains__),
    "digit": lambda text: _where(text, str.isdigit),
    "mark": lambda text: _where(text, lambda char: not (char.isalnum() or char.isspace())),
}


@dataclass(frozen=True)
class Follower:
    """A cell that goes along with something one can name.

    Attributes:
        cell: From 0, through all layers.
        feature: One of `FEATURES`.
        correlation: Pearson's, on characters by which neither was chosen, -1 to 1.
        found: The same on those by which they were.
    """

    cell: int
    feature: str
    correlation: float
    found: float


@dataclass(frozen=True)
class CellStudy:
    """How far each cell goes along with each feature, on two halves of a text.

    Attributes:
        features: Those of `FEATURES` that vary in both halves.
        found: Correlations on the half by which cells are chosen, (features, cells).
        told: On the other half, of which alone anything is told, (features, cells).
        characters: How many that one has.
    """

    features: tuple[str, ...]
    found: Floats
    told: Floats
    characters: int

    def followers(self) -> list[Follower]:
        """For each feature the cell that goes along with it most, the closest first."""
        cells = enumerate(np.abs(self.found).argmax(axis=1).tolist())
        pairs = [self._pair(row, cell) for row, cell in cells]
        return sorted(pairs, key=lambda pair: -abs(pair.correlation))

    def pair(self, feature: str, cell: int) -> Follower | None:
        """A cell beside a feature; None for one that does not vary."""
        return self._pair(self.features.index(feature), cell) if feature in self.features else None

    def of_cell(self, cell: int) -> Follower | None:
        """What a cell goes along with most; None where nothing varies."""
        return self._pair(int(np.abs(self.found[:, cell]).argmax()), cell) if self.features else None

    def _pair(self, row: int, cell: int) -> Follower:
        return Follower(cell, self.features[row], float(self.told[row, cell]), float(self.found[row, cell]))


def study_cells(model: Model, text: str) -> CellStudy | None:
    """Looks for cells that follow something: in every other stretch of a text, and measures in those between.

    Args:
        model: Not changed.
        text: In the model's characters; its first `SEARCHED` are read. None for one below `SHORTEST`.
    """
    text = text[:SEARCHED]
    if len(text) < SHORTEST:
        return None
    length = len(text) // STRETCHES
    text = text[: STRETCHES * length]
    courses = read_cells(model.network, model.vocab.encode(text).reshape(STRETCHES, length))
    values = np.array([feature(text) for feature in FEATURES.values()], float).reshape(-1, STRETCHES, length)
    halves = [_correlations(values[:, half::2, WARM_UP:], courses[half::2, WARM_UP:]) for half in (0, 1)]
    varies = np.flatnonzero(np.isfinite(np.concatenate(halves, axis=1)).all(axis=1))
    names = tuple(list(FEATURES)[row] for row in varies)
    return CellStudy(names, halves[0][varies], halves[1][varies], (STRETCHES // 2) * (length - WARM_UP))


def _correlations(values: Floats, courses: Float32s) -> Floats:
    """Pearson's: values (features, rows, length), courses (rows, length, cells) -> (features, cells).

    A cell that never moves correlates with nothing, 0; a feature that does not vary has NaN.
    """
    features = values.reshape(len(values), -1).T
    cells = courses.reshape(-1, courses.shape[-1]).astype(float)
    features, cells = (some - some.mean(axis=0) for some in (features, cells))
    spread, moves = (np.sqrt((some**2).sum(axis=0)) for some in (features, cells))
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Floats = features.T @ cells / spread[:, None] / np.where(moves > 1e-9, moves, np.inf)
    found[spread == 0] = np.nan
    return found
