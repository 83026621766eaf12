"""`charlstm page`: opens the page in the browser, from any folder."""

import argparse
import runpy
import sys
from pathlib import Path

HELP = "open the page in the browser"
PACKAGE = Path(__file__).resolve().parents[1]
DEVELOPMENT = ("--client.showErrorDetails=full", "--server.fileWatcherType=auto", "--server.runOnSave=true")


def add_options(command: argparse.ArgumentParser) -> None:
    add = command.add_argument
    add("--dev", action="store_true", help="show errors in full, and run again when a file is saved")
    add("streamlit", nargs="*", metavar="-- OPTION", help="of `streamlit run`, such as --server.port=8600")


def app_file() -> Path:
    """The page's script: inside the package where it is installed, beside it in a checkout."""
    installed = PACKAGE / "app" / "streamlit_app.py"
    return installed if installed.is_file() else PACKAGE.parent / "streamlit_app.py"


def run(options: argparse.Namespace) -> None:
    """Serves the page in this process until it is ended; Streamlit reads the configuration beside the script."""
    development = DEVELOPMENT if options.dev else ()
    sys.argv = ["streamlit", "run", str(app_file()), *development, *options.streamlit]
    runpy.run_module("streamlit", run_name="__main__", alter_sys=True)
