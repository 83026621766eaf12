"""Settings, data, the Keras model, the run, and where runs run. Only `keras_model` imports Keras."""
