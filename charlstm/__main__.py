"""The command line's door: `charlstm …` or `python -m charlstm …`.

Text goes to standard output, messages to standard error. Bad input ends with exit code 2 and one
sentence that names the rule, the value and the remedy.
"""

import os
import sys

from charlstm.cli.parser import BAD_INPUT, make_parser, one_line
from charlstm.errors import CharLSTMError
from charlstm.network.processor import use_one_core

INTERRUPTED, PIPE_CLOSED = 130, 141  # as a shell says them: 128 and the signal's number


def main(arguments: list[str] | None = None) -> int:
    """Runs one command.

    Args:
        arguments: As on the command line, without the program's name; None takes them from there.

    Returns:
        The exit code.
    """
    use_one_core()
    try:
        options = make_parser().parse_args(arguments)
        code: int | None = options.run(options)
        sys.stdout.flush()
        return code or 0
    except (CharLSTMError, ValueError) as error:
        print(f"charlstm: {one_line(error)}", file=sys.stderr)
        return BAD_INPUT
    except BrokenPipeError:  # such as `… | head`; the interpreter would complain once more at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except KeyboardInterrupt:
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
