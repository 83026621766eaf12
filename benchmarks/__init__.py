"""What measures: the figures of the documents come from here. In the project's folder: `python -m benchmarks.NAME`."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent / "tests" / "support"))  # what starts and ends servers
