"""Data frames in, Altair charts out. Knows neither models nor session."""

# Those of the light theme, at least 3 to 1 against the page and told apart with any colour vision (the closest two,
# grey and blue without blue cones, are 23 apart in CIELAB). `style.css` has their like for the dark theme; a picture of
# a chart that someone saves stays light. Legends are words in these colours, by `.streamlit/config.toml`.
OWN_COLOR = "#8492a6"  # the model's own probabilities, as the network gave them
REWEIGHTED_COLOR = "#2563eb"  # after temperature and truncation
DRAWN_COLOR = "#bf540a"  # the character that was drawn
DARK_TEXT_COLOR = "#0f172a"  # on what is pale in both themes
INSIDE_TEXT_COLOR = "#ffffff"  # on blue and orange
