"""Reads a stranger's model file first in a process of its own, which can be cut off.

`weights` and `model_file` count what a file unfolds to. What they cannot count is what HDF5, a library in C, does while
it finds its way through a damaged file: it may loop, take memory without end, or crash. Who has read a file here once
can read it again in any process: the same bytes take the same steps.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from charlstm.errors import MissingArchitectureError, MissingVocabularyError, ModelFileError, pack, unpack
from charlstm.network.model_file import read_model

SECONDS, MEGABYTES = 2, 200  # of processor and of memory that reading may take
PATIENCE = 30  # seconds until a process ends that gets no processor
SEARCHED = str(Path(__file__).resolve().parents[2])  # where the process finds the package
EXPECTED: dict[str, type[ModelFileError]] = {
    kind.__name__: kind for kind in (ModelFileError, MissingArchitectureError, MissingVocabularyError)
}


def try_to_read(content: bytes, name: str, architecture: bytes | None = None) -> None:
    """Returns if a model file can be read, whatever its vocabulary; see `read_model`.

    Raises:
        ModelFileError: It cannot be read, or not within the limits.
    """
    head = json.dumps({"name": name, "architecture": None if architecture is None else len(architecture)})
    said = _in_a_process(head.encode() + b"\n" + (architecture or b""), content)
    if said is None:
        raise ModelFileError(
            "{name} cannot be read within {seconds} s and {megabytes} MB. Save it again with model.save().",
            name=name,
            seconds=SECONDS,
            megabytes=MEGABYTES,
        )
    if said["error"] not in ("", MissingVocabularyError.__name__):
        message = unpack(said["message"])
        raise EXPECTED[said["error"]](message)


def _in_a_process(head: bytes, content: bytes) -> dict[str, str] | None:
    """What the process says; None where it was cut off."""
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": SEARCHED}
    command = [sys.executable, "-m", __name__]
    pipe, nothing = subprocess.PIPE, subprocess.DEVNULL
    with subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe, stderr=nothing) as process:
        try:
            assert process.stdin is not None
            process.stdin.write(head)
            answer, _ = process.communicate(content, PATIENCE)
        except (subprocess.TimeoutExpired, BrokenPipeError):
            process.kill()
            return None
    return json.loads(answer) if process.returncode == 0 else None


def _limit(more: int) -> None:
    """Cuts this process off where it takes more; where the system has no such limits, only PATIENCE is left."""
    try:
        import resource
    except ImportError:
        return
    seconds = int(sum(os.times()[:2])) + SECONDS + 1
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    status = Path("/proc/self/statm")
    if status.exists():
        size = int(status.read_text().split()[0]) * resource.getpagesize() + more
        resource.setrlimit(resource.RLIMIT_AS, (size, size))


def main() -> None:
    """Reads the file that standard input holds; says on standard output what is wrong with it."""
    head = json.loads(sys.stdin.buffer.readline())
    architecture = None if head["architecture"] is None else sys.stdin.buffer.read(head["architecture"])
    content = sys.stdin.buffer.read()
    _limit(MEGABYTES * 10**6)
    said: dict[str, object] = {"error": ""}
    try:
        read_model(content, None, head["name"], architecture)
    except MemoryError:
        sys.exit(1)
    except ModelFileError as error:
        said = {"error": type(error).__name__, "message": pack(error.args[0])}
    print(json.dumps(said))


if __name__ == "__main__":
    main()
