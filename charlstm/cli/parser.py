"""What the commands share: the parser of their options, and what is said on standard error."""

import argparse
from typing import Any, NoReturn, Protocol

from charlstm.cli import benchmark, evaluate, generate, models, open_page, train

BAD_INPUT = 2


class Command(Protocol):
    """A module that is a command."""

    HELP: str

    def add_options(self, command: argparse.ArgumentParser) -> None:
        """Adds the command's options to its parser."""

    def run(self, options: argparse.Namespace) -> int | None:
        """Does what the options ask for; returns the exit code, None for 0."""


COMMANDS: dict[str, Command] = {
    "generate": generate,
    "evaluate": evaluate,
    "models": models,
    "train": train,
    "benchmark": benchmark,
    "page": open_page,
}


class OneLineParser(argparse.ArgumentParser):
    """An `ArgumentParser` whose complaints are one line."""

    def _get_values(self, action: argparse.Action, arg_strings: list[str]) -> Any:
        """Without this, Python 3.11 takes the value of `--name=--` for the sign that no options follow."""
        if action.option_strings and action.nargs is None and arg_strings == ["--"]:
            return self._get_value(action, "--")
        return super()._get_values(action, arg_strings)

    def error(self, message: str) -> NoReturn:
        if "expected one argument" in message:
            message += ". A value that starts with a dash is written --name=VALUE"
        self.exit(BAD_INPUT, f"{self.prog}: {one_line(message)}. See --help.\n")


def make_parser() -> OneLineParser:
    """The parser of all commands; what it returns holds the command's `run`."""
    parser = OneLineParser(prog="charlstm", description="A character-level LSTM that writes text.")
    parser.set_defaults(run=_ask_for_command)
    subparsers = parser.add_subparsers(metavar="command")
    for name, module in COMMANDS.items():
        command = subparsers.add_parser(name, help=module.HELP)
        command.set_defaults(run=module.run)
        module.add_options(command)
    return parser


def _ask_for_command(options: argparse.Namespace) -> NoReturn:
    raise ValueError(f"Give a command: {', '.join(COMMANDS)}; such as `charlstm page`. See --help.")


def one_line(message: object) -> str:
    """A message without its line breaks, cut short where it repeats a very long value."""
    line = " ".join(str(message).split())
    return line if len(line) <= 600 else f"{line[:300]} … {line[-200:]}"
