"""The command line's door: `charlstm …` or `python -m charlstm …`.

Text goes to standard output, messages to standard error. Bad input ends with exit code 2 and one
sentence that names the rule, the value and the remedy.
"""

import os
import sys

from charlstm.cli.parser import BAD_INPUT, make_parser, one_line
from charlstm.errors import CharLSTMError
from charlstm.network.processor import use_one_core
from charlstm.text.vocab import char_name

INTERRUPTED, PIPE_CLOSED = 130, 141  # as a shell says them: 128 and the signal's number


def main(arguments: list[str] | None = None) -> int:
    """Runs one command.

    Args:
        arguments: As on the command line, without the program's name; None takes them from there.

    Returns:
        The exit code.
    """
    use_one_core()
    _open_closed_streams()
    try:
        return _run(arguments)
    except BrokenPipeError:  # such as `… | head`, which wants no more
        _silence_standard_output()
        return PIPE_CLOSED
    except UnicodeEncodeError as error:
        char, encoding = error.object[error.start], error.encoding
        return _refuse(f"Standard output is {encoding}, which has no {char_name(char)!a}. Set PYTHONUTF8=1.")
    except (CharLSTMError, ValueError) as error:
        return _refuse(error)
    except OSError as error:
        place = repr(str(error.filename)) if error.filename else "Standard output or a file"
        return _refuse(f"{place} cannot be read or written: {error.strerror or error}.")
    except KeyboardInterrupt:
        return INTERRUPTED


def _run(arguments: list[str] | None) -> int:
    try:
        options = make_parser().parse_args(arguments)
        code: int | None = options.run(options)
    except SystemExit:  # help was asked for, or the options are wrong
        sys.stdout.flush()
        raise
    sys.stdout.flush()
    return code or 0


def _refuse(message: object) -> int:
    print(f"charlstm: {one_line(message)}", file=sys.stderr)
    _silence_standard_output()
    return BAD_INPUT


def _silence_standard_output() -> None:
    """So that the interpreter does not complain once more, at its end, of what cannot be written."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _open_closed_streams() -> None:
    """Python has None for a stream that is closed, and files opened later would take its number."""
    for name, descriptor in (("stdout", 1), ("stderr", 2)):
        if getattr(sys, name) is None:
            null = os.open(os.devnull, os.O_RDONLY if name == "stdout" else os.O_WRONLY)  # to write there is an error
            if null != descriptor:
                os.dup2(null, descriptor)
                os.close(null)
            setattr(sys, name, os.fdopen(descriptor, "w", encoding="utf-8", closefd=False))


if __name__ == "__main__":
    sys.exit(main())
