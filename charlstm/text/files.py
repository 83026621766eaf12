"""Files that people name: only plain ones are opened, and read up to a limit. Nothing waits, nothing is endless."""

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

from charlstm.errors import Message

_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)  # a pipe without a writer would wait


def open_file(path: Path) -> BinaryIO:
    """A plain file, opened to be read.

    Raises:
        OSError: There is none, it cannot be read, or it is something else, such as a folder, a pipe or a device.
    """
    try:
        descriptor = os.open(path, _FLAGS)
    except ValueError as error:
        raise OSError(errno.EINVAL, Message("its name has a zero byte")) from error
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode):
        return os.fdopen(descriptor, "rb")
    os.close(descriptor)
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    raise OSError(errno.EINVAL, Message("it is a pipe or a device, not a plain file"))


def read_file(path: Path, limit: int) -> bytes:
    """The content of a plain file of at most `limit` bytes.

    Raises:
        OSError: As for `open_file`, or it is larger.
    """
    with open_file(path) as file:
        content = file.read(limit + 1) or b""  # None where a special file of the system has nothing to say just now
    if len(content) > limit:
        raise OSError(errno.EFBIG, Message("it has more than {limit:,} MB", limit=limit // 10**6))
    return content
