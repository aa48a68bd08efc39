"""A table over many runs: what they were trained with, and what came of them."""
