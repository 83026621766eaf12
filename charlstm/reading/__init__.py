"""What a model makes of a text: scores, explanations, sweeps, statistics, overlap. Writes nothing."""
