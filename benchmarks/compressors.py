"""What good compressors make of the held-out text, to compare models with: `python -m benchmarks.compressors`.

Writes `compressors.json` beside it: bits a held-out character, everything before it known, that is, the bytes that the
whole text takes beyond those of its first nine tenths. Needs the corpus, `pip install pyppmd`, and Debian's `zpaq`.
"""

import bz2
import json
import lzma
import subprocess
import tempfile
from pathlib import Path

import pyppmd

from charlstm import load_corpus


def zpaq(content: bytes) -> bytes:
    """The archive of zpaq's slowest method: a mixture of many models that goes on learning while it reads."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "text").write_bytes(content)
        command = ("zpaq", "add", "text.zpaq", "text", "-method", "5")
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
        return (Path(folder) / "text.zpaq").read_bytes()


COMPRESSORS = {
    "xz -9e": lambda content: lzma.compress(content, preset=9 | lzma.PRESET_EXTREME),
    "bzip2 -9": lambda content: bz2.compress(content, 9),
    "PPMd, order 6": lambda content: pyppmd.compress(content, max_order=6, mem_size=1 << 28, variant="H"),
    "zpaq -m5": zpaq,
}


def main() -> None:
    train, held_out = load_corpus("nietzsche").split(0.1)
    found = {}
    for name, compress in COMPRESSORS.items():
        more_bytes = len(compress((train + held_out).encode())) - len(compress(train.encode()))
        found[name] = round(8 * more_bytes / len(held_out), 3)
        print(f"{name}: {found[name]} bits per character")
    Path(__file__).with_name("compressors.json").write_text(json.dumps(found, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
