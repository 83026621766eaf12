"""Data frames in, Altair charts out. Knows neither models nor session."""
