"""Bad inputs by the thousand, each kind by its rules and by chance with fixed seeds; what each must not do is counted.

In the project's folder: `python -m benchmarks.bad_inputs [KIND …] [--cases N] [--seed S] [--case NUMBER]` prints a row
a kind, and each case that failed with what gives it again. A module is a kind: a class of `trial.Kind` with its name;
`KINDS` in `__main__.py` lists them.
"""
