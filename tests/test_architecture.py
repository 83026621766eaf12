import ast
import json
import os
import re
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import charlstm

ROOT = Path(charlstm.__file__).parent.parent
SOURCES = sorted((ROOT / "charlstm").rglob("*.py"))
PAGE = ROOT / "streamlit_app.py"
# A room may use those before it; `page` and `cli` use all and nobody uses them.
DIRECTION = {
    "text": set(),
    "network": {"text"},
    "writing": {"text", "network"},
    "reading": {"text", "network", "writing"},
    "training": {"text", "network"},
    "cli": {"text", "network", "writing", "reading", "training"},
    "page": {"text", "network", "writing", "reading", "training"},
}
DOORS = {"__init__.py", "__main__.py", "errors.py"}


def module_name(source: Path) -> str:
    parts = source.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(source): source for source in SOURCES}


def imported(source: Path, only_at_load: bool = False) -> set[str]:
    """Full names of what a file imports, `charlstm.page.locale` for `from charlstm.page import words`."""
    tree = ast.parse(source.read_text("utf-8"))
    names = set()
    for node in tree.body if only_at_load else ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{source}: relative import"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def own_modules(names: set[str]) -> set[str]:
    """The modules of this package among imported names."""
    return {name if name in MODULES else name.rpartition(".")[0] for name in names if name.startswith("charlstm.")}


def packages(names: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in names}


def run(code: str, **environment: str) -> str:
    """What a fresh interpreter prints."""
    inherited = {key: value for key, value in os.environ.items() if key != "OPENBLAS_NUM_THREADS"}
    command = [sys.executable, "-W", "ignore", "-c", code]
    ended = subprocess.run(command, cwd=ROOT, env=inherited | environment, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


@pytest.mark.slow
def test_all_but_training_runs_without_keras():
    names = sorted(MODULES.keys() - {"charlstm.training.keras_model"})
    code = (
        f"import importlib, json, sys\nfor name in {names}: importlib.import_module(name)\n"
        "print(json.dumps([name for name in ('keras', 'tensorflow', 'jax', 'torch') if name in sys.modules]))"
    )
    assert json.loads(run(code).splitlines()[-1]) == []


@pytest.mark.slow
def test_the_package_alone_loads_neither_streamlit_nor_pandas():
    code = "import json, sys, charlstm; print(json.dumps(sorted({'streamlit', 'pandas', 'altair'} & set(sys.modules))))"
    assert json.loads(run(code)) == []


def test_only_training_imports_keras():
    frameworks = {"keras", "tensorflow", "jax", "torch"}
    found = {name: packages(imported(source)) & frameworks for name, source in MODULES.items()}
    assert {name: used for name, used in found.items() if used} == {"charlstm.training.keras_model": {"keras"}}
    assert not packages(imported(PAGE)) & frameworks


def test_training_is_imported_late():
    early = {
        name
        for name, source in MODULES.items()
        if "charlstm.training.keras_model" in own_modules(imported(source, True))
    }
    assert early == set()


def test_only_the_page_imports_streamlit():
    users = {name for name, source in MODULES.items() if "streamlit" in packages(imported(source))}
    assert users
    assert all(name.startswith("charlstm.page") for name in users)


def room(module: str) -> str:
    """`text` of `charlstm.text.vocab`; nothing of what lies in no room."""
    return module.split(".")[1] if module.count(".") else ""


def test_only_doors_and_errors_lie_outside_the_rooms():
    folder = ROOT / "charlstm"
    assert {path.name for path in folder.glob("*.py")} == DOORS
    assert {path.parent.name for path in folder.glob("*/__init__.py")} == set(DIRECTION)


@pytest.mark.parametrize("name", DIRECTION)
def test_rooms_depend_in_one_direction(name):
    for module, source in MODULES.items():
        if room(module) == name:
            used = {room(other) for other in own_modules(imported(source))} - {"errors", name}
            assert used <= DIRECTION[name], module


def test_no_name_stands_for_two_modules():
    names = [name.rpartition(".")[2] for name in MODULES if not re.match(r"charlstm\.page\.(pages|locale)\.", name)]
    assert sorted(names) == sorted(set(names))


def test_no_module_depends_on_itself_in_a_circle():
    graph = {name: own_modules(imported(source)) - {name} for name, source in MODULES.items()}
    TopologicalSorter(graph).prepare()  # raises CycleError


def test_the_public_surface():
    assert charlstm.__all__ == [
        "Draw",
        "Model",
        "Sampler",
        "Step",
        "Vocab",
        "Writer",
        "generate",
        "list_models",
        "load_corpus",
        "load_model",
    ]
    assert all(hasattr(charlstm, name) for name in charlstm.__all__)


THREADS = """
import os, numpy, threadpoolctl
numpy.ones((2, 2)) @ numpy.ones((2, 2))
def threads(): return [pool["num_threads"] for pool in threadpoolctl.threadpool_info() if pool["user_api"] == "blas"]
before = dict(os.environ), threads()
"""


@pytest.mark.slow
def test_the_library_changes_nothing_in_its_host():
    assert run(THREADS + "import charlstm\nprint(before == (dict(os.environ), threads()))") == "True\n"


@pytest.mark.slow
@pytest.mark.parametrize("door", ["import charlstm.page", "import charlstm.__main__ as door; door.main(['models'])"])
def test_numpy_computes_on_one_core_in_the_page_and_on_the_command_line(door):
    code = f"{THREADS}{door}\nprint(threads())"
    assert run(code).splitlines()[-1] == "[1]"
    assert run(code, OPENBLAS_NUM_THREADS="2").splitlines()[-1] == "[2]"


@pytest.mark.parametrize("name", sorted(MODULES))
def test_each_module_says_what_it_is_for(name):
    assert len(ast.get_docstring(ast.parse(MODULES[name].read_text("utf-8"))) or "") > 20
