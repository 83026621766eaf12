"""Tang quatrains as one text, out of the npm package `chinese-poetry` (MIT licence), which holds all Tang poems.

The package has 85 MB, so it is neither committed nor downloaded by the page; whoever wants to train on the quatrains
fetches it once: `npm pack chinese-poetry@2.0.1`. Knows that one archive, no network, no folders.
"""

import json
import re
import tarfile
from collections import Counter
from pathlib import Path

PACKAGE = "chinese-poetry@2.0.1"
PACKAGE_FILE = "chinese-poetry-2.0.1.tgz"  # as `npm pack` names it
TEXT_SHA256 = "9a331c728c5ec76fe8b8db939b34ce51042d12c24c25786382ed5d3c4b6c01e2"  # of the text in UTF-8
VOCAB_SIZE = 3_000  # characters; a poem with a rarer one is left out, so that all lines are whole

MEMBER = re.compile(r"package/dist/quantangshi/poet\.tang\.(\d+)\.json")
QUATRAIN = re.compile(r"(?:\w{5}[，。？！；、]){4}|(?:\w{7}[，。？！；、]){4}")  # lines of five, or of seven characters


def tang_poems(package: Path) -> str:
    """All quatrains, each once, in the package's order: two couplets on two lines, an empty line between poems.

    Args:
        package: The file of the npm package.

    Raises:
        OSError: It cannot be read.
        EOFError, zlib.error, tarfile.TarError: It is no whole archive.
        ValueError, KeyError, TypeError: It holds something else than poems.
    """
    poems = dict.fromkeys(poem for poem in _poems(package) if QUATRAIN.fullmatch(poem))
    counts = Counter("".join(poems))
    common = {char for char, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[: VOCAB_SIZE - 1]}
    kept = [poem for poem in poems if common.issuperset(poem)]  # the newline is one of the 3,000 too
    return "".join(f"{poem[: len(poem) // 2]}\n{poem[len(poem) // 2 :]}\n\n" for poem in kept)


def _poems(package: Path) -> list[str]:
    parts: dict[int, list[str]] = {}
    with tarfile.open(package) as archive:
        for member in archive:
            if (match := MEMBER.fullmatch(member.name)) and (file := archive.extractfile(member)):
                poems = json.load(file)
                parts[int(match[1])] = ["".join(poem["paragraphs"]) for poem in poems]
    return [poem for number in sorted(parts) for poem in parts[number]]
