"""From logits to a text: sampling, generation, constraints, a text in the making. Knows no screens."""
