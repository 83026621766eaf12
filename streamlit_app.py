"""The page. Run it with `streamlit run streamlit_app.py`."""

import streamlit as st

from charlstm.page import STYLE_FILE, address, hosts, navigation
from charlstm.page.components import browser, stage
from charlstm.page.parts import chips, controls, language
from charlstm.page.sidebar import model_choice, save_load, training_panel

page = navigation.choose_page()
st.html(STYLE_FILE)
hosts.check()
stage.load()
browser.show(page.name)
address.remember()
language.choose_language()
notes, active = st.container(), st.container()
with st.sidebar:
    model = model_choice.choose_model()
    training_panel.show()
    save_load.show()
with navigation.place():
    page.show(model)
if page.name != "lesson":
    controls.keep_the_rest()
with active:
    chips.show(page.draws, page.reads)
with notes:
    browser.tell_of_another_server()
    address.warn_of_unusable()
