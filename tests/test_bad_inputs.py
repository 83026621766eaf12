"""A short run of what `python -m benchmarks.bad_inputs` gives by the thousand."""

import sys

import pytest

from benchmarks.bad_inputs.__main__ import KINDS
from benchmarks.bad_inputs.trial import run

SHORT_RUN = {"addresses": 20}  # of a server in a process of its own
pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="memory is measured on Linux alone")]


@pytest.mark.parametrize("name", KINDS)
def test_bad_inputs_are_refused_in_a_sentence_or_taken(name):
    with KINDS[name]() as kind:
        count = run(kind, range(SHORT_RUN.get(name, 200)))
    assert count.failed == {}
    assert count.changed == []
    assert count.cases > 0
