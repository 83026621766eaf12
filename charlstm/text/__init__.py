"""Characters: vocabularies, corpora and where they come from, bytes to text, openings. Knows no network."""
