"""What measures: the figures of the documents come from here. In the project's folder: `python -m benchmarks.NAME`."""
