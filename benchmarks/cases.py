"""Files that people had trouble with, given to the page and to the command line: `python -m benchmarks.cases FOLDER`.

The folder holds `texts/`, `models/` and `hostile/`, as `CASES` names them. Prints a row a file: what the page says,
what the command says, and what the command took; returns 1 where one of them does not say what it has to.
"""

import argparse
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from charlstm.network.metrics import softmax
from charlstm.network.registry import load_model
from tests.support.app_tests import open_app

NOTEBOOK = ("--preset=notebook", "--window=900", "--epochs=1", "--out=OUT")
READ = r"costs|bits per character|order of the list"


@dataclass(frozen=True)
class Case:
    """A file, and what has to be said of it.

    Attributes:
        file: Below the folder.
        page: A pattern of what the page says; of the command too, where that has none.
        command: Of what the command says.
        options: Of the command, which is `evaluate` for a text, `generate` for a model.
        vocab: Whether the text that the models were trained on is given as well.
    """

    file: str
    page: str
    command: str = ""
    options: tuple[str, ...] = ()
    vocab: bool = False


CASES = (
    Case("texts/de-utf8-head.txt", r"Read as UTF-8.*1 damaged", r"1 damaged characters were replaced by"),
    Case("texts/balikci-cp1254.txt", r"Windows-1254 \(Turkish\)"),
    Case("texts/zegar-cp1250.txt", r"Windows-1250 \(Central Europe\)"),
    Case("texts/en-utf16le-nobom.txt", r"UTF-16 LE"),
    Case("texts/utf32-bom.txt", r"UTF-32"),
    Case("texts/diary-cp1252.txt", r"Windows-1252 \(Western Europe\)"),
    Case("texts/one-char.txt", r"at least 2 different characters", options=("train", "--epochs=1", "--out=OUT")),
    Case("texts/tiny-600.txt", r"at least 1,000 characters", r"window", ("train", *NOTEBOOK)),
    Case("models/first-seen-order.keras", r"in the order of their first appearance: 0\.[78]", vocab=True),
    Case("models/tf213-one.keras", READ, vocab=True),
    Case("models/legacy.h5", READ, vocab=True),
    Case("models/td-softmax.keras", READ, vocab=True),
    Case("models/hidden-dense-relu.keras", READ, vocab=True),
    Case("models/gru-tutorial.keras", r"GRU"),
    Case("models/hard-sigmoid.keras", r"hard_sigmoid"),
    Case("models/int8.keras", r"int8|quantiz"),
    Case("hostile/chunk_1500_MB.keras", r"cannot be read|damaged|too large|chunk"),
    Case("hostile/record_8MB_[[]].keras", r"too large|damaged"),
    Case("hostile/3000_layers.keras", r"layers"),
    Case("hostile/history-val-1e400.keras", r"damaged charlstm\.json"),
    Case("hostile/recipe-holdout-x.keras", r"damaged charlstm\.json"),
    Case("hostile/markdown-corpus.keras", r"trained on !\[im\]", r"random seed"),
    Case("hostile/optimizer-flip-31.keras", r"trained on", r"not a whole", ("train", "--epochs=1", "--out=OUT")),
)


def main() -> int:
    """Prints the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cases", description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    print("| file | the page | the command | s |\n| --- | --- | --- | --- |")
    failed = 0
    for case in CASES:
        page = _page(folder, case)
        command, seconds = _command(folder, case)
        good = re.search(case.page, page, re.S) and re.search(case.command or case.page, command, re.S)
        failed += not good
        said = " | ".join(text.strip().replace("\n", " ")[:300] for text in (page, command))
        print(f"| {case.file} | {said} | {seconds:.1f} |{'' if good else ' FAILED'}", flush=True)
    return int(failed + (not _agrees(folder / "models")) > 0)


def _page(folder: Path, case: Case) -> str:
    """What the page says once the file is uploaded."""
    file, corpus = folder / case.file, folder / "models" / "model-corpus.txt"
    app = open_app()
    before = _said(app)
    is_text = file.suffix == ".txt"
    if is_text:
        app.selectbox(key="corpus").set_value("own").run()
    key = "upload_corpus" if is_text else "upload_model"
    app.file_uploader(key=key).set_value((file.name, file.read_bytes(), "text/plain")).run()
    if case.vocab:
        app.file_uploader(key="vocab_file").set_value((corpus.name, corpus.read_bytes(), "text/plain")).run()
    assert not app.exception, app.exception[0].value
    return " ".join(words for words in _said(app) if words not in before)


def _said(app) -> list[str]:
    kinds = ("caption", "error", "warning", "info")
    return [element.value.replace("\\", "") for kind in kinds for element in app.get(kind)]


def _command(folder: Path, case: Case) -> tuple[str, float]:
    """What the command says on standard error, and the seconds that it took."""
    file, (name, *options) = folder / case.file, case.options or ("",)
    with tempfile.TemporaryDirectory() as out:
        if name == "train":
            given = ["--corpus" if file.suffix == ".txt" else "--resume", str(file)]
        elif file.suffix == ".txt":
            name, given = "evaluate", ["--text", str(file)]
        else:
            name, given = "generate", ["--length=20", "--temperature=0", "--model", str(file)]
        if case.vocab:
            given += ["--vocab", str(folder / "models" / "model-corpus.txt")]
        given += [option.replace("OUT", f"{out}/m.keras") for option in options]
        start = time.monotonic()
        command = [sys.executable, "-m", "charlstm", name, *given]
        ended = subprocess.run(command, capture_output=True, text=True)
    assert "Traceback" not in ended.stderr, ended.stderr
    assert ended.returncode in (0, 2), ended.stderr
    return ended.stderr, time.monotonic() - start


def _agrees(folder: Path) -> bool:
    """Whether the file of TensorFlow 2.13 gives the probabilities that were stored beside it."""
    model = load_model(folder / "tf213-one.keras", (folder / "model-corpus.txt").read_text())
    stored = np.load(folder / "tf213-one.npy")
    ids = np.arange(40) % 43
    found = softmax(model.network.logits(model.network.read(ids)[-1].hidden))
    difference = float(np.abs(found.ravel() - stored.reshape(-1, 43)[-1]).max())
    print(f"\ntf213-one.keras: {difference:.1e} from the stored probabilities")
    return difference < 1e-5


if __name__ == "__main__":
    sys.exit(main())
