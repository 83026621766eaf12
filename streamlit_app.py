"""The page. Run it with `streamlit run streamlit_app.py`."""

import streamlit as st

from charlstm.page import ICON_FILE, STYLE_FILE, address, locale
from charlstm.page.components import stage
from charlstm.page.sidebar import model_choice, page_choice, save_load, training_panel

st.set_page_config(locale.say("Watch an LSTM write"), ICON_FILE, layout="wide", initial_sidebar_state=270)
st.html(STYLE_FILE)
stage.load()
address.remember()
notes = st.container()
with st.sidebar:
    above = st.container()
    locale.choose_language()  # drawn first, so that all else is in it, and shown last
    with above:
        show = page_choice.choose_view()
        model = model_choice.choose_model()
        training_panel.show()
        save_load.show()
show(model)
with notes:
    address.warn_of_unusable()
