"""Data frames in, Altair charts out. Knows neither models nor session."""

OWN_COLOR = "#94a3b8"  # the model's own probabilities, as the network gave them
REWEIGHTED_COLOR = "#3b82f6"  # after temperature, top-k and top-p
DRAWN_COLOR = "#f59e0b"  # the character that was drawn
