"""The command: a row a kind, and each case that failed."""

import argparse
import sys

from benchmarks.bad_inputs.addresses import Addresses
from benchmarks.bad_inputs.arguments import Arguments
from benchmarks.bad_inputs.calls import Calls
from benchmarks.bad_inputs.corpora import Corpora
from benchmarks.bad_inputs.model_files import ModelFiles
from benchmarks.bad_inputs.trial import Count, Kind, run

KINDS: dict[str, type[Kind]] = {kind.name: kind for kind in (Corpora, ModelFiles, Addresses, Arguments, Calls)}
HEAD = """\
| kind | cases | refused in a sentence | tracebacks, over 2 s, over 200 MB | slowest, s | largest, MB | changed files |
| --- | --- | --- | --- | --- | --- | --- |"""


def main() -> int:
    """Prints the table; returns 1 where a case failed or a file changed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bad_inputs")
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=f"of {', '.join(KINDS)}; default: all")
    parser.add_argument("--cases", type=int, metavar="N", help="of each kind; default: a long run")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--case", type=int, metavar="NUMBER", help="that one alone")
    options = parser.parse_args()
    print(HEAD)
    counts = {name: _count(KINDS[name](), options) for name in options.kinds or KINDS}
    for name, count in counts.items():
        for number, why in count.failed.items():
            print(f"\n{name} --seed {options.seed} --case {number}: {why}", file=sys.stderr)
        for path in count.changed:
            print(f"\n{name}: {path} changed", file=sys.stderr)
    return int(any(count.failed or count.changed for count in counts.values()))


def _count(kind: Kind, options: argparse.Namespace) -> Count:
    numbers = range(options.cases or kind.cases) if options.case is None else [options.case]
    with kind:
        count = run(kind, numbers, options.seed)
    print(
        f"| {kind.name} | {count.cases:,} | {count.refused:,} | {len(count.failed)} | {count.seconds:.2f} | "
        f"{count.megabytes:.0f} | {len(count.changed)} |",
        flush=True,
    )
    return count


if __name__ == "__main__":
    sys.exit(main())
