"""Derivations in one format a file: each has a `FORMAT` and `render(solution)`."""
