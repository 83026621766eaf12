"""The page's views: widgets, session state, wiring. No maths, no Keras."""
