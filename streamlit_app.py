"""The page. Run it with `streamlit run streamlit_app.py`."""

import gc

import streamlit as st

from charlstm.views import model_choice, write
from charlstm.views.live_html import STYLE
from charlstm.views.words import LANGUAGES, say


@st.cache_resource(show_spinner=False)
def freeze_imports() -> None:
    """Takes what was imported out of the collector's sight, once: Streamlit collects after every run of a fragment,
    and walking pandas and pyarrow each time costs 50 ms of processor."""
    gc.collect()
    gc.freeze()


st.set_page_config("LSTM · temperature", ":material/thermostat:", layout="wide", initial_sidebar_state=270)
st.html(STYLE)
with st.sidebar:
    model = model_choice.choose_model()
    st.segmented_control(
        say("language"),
        list(LANGUAGES),
        format_func=LANGUAGES.get,
        default="en",
        key="language",
        required=True,
        help=say("language_help"),
        bind="query-params",
    )
write.show(model)
freeze_imports()
