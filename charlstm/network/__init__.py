"""The LSTM in NumPy, its file, and the models on this machine. Knows ids and logits, nothing of temperature."""
