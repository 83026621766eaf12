"""All that imports Streamlit: pages, sidebar, parts, charts, components, words. No other room knows this one.

Whoever imports it serves the page: NumPy computes on one core from then on, and many files may be open.
"""

from pathlib import Path

from charlstm.network.processor import use_one_core
from charlstm.page.open_files import allow_many

use_one_core()
allow_many()

STYLE_FILE, ICON_FILE = (Path(__file__).with_name(name) for name in ("style.css", "icon.png"))
