"""The page. Run it with `streamlit run streamlit_app.py`."""

import streamlit as st

from charlstm.views import address, model_choice, pace, save_load, training_panel, view_choice, words
from charlstm.views.live_html import STYLE

st.set_page_config(words.say("title"), ":material/thermostat:", layout="wide", initial_sidebar_state=270)
st.html(STYLE)
asked = address.opened_with()
notes = st.container()
with st.sidebar:
    above = st.container()
    words.choose_language()  # drawn first, so that all else is in it, and shown last
    with above:
        show = view_choice.choose_view()
        model = model_choice.choose_model()
        training_panel.show()
        save_load.show()
show(model)
with notes:
    address.warn_of_unusable(asked)
pace.freeze()
