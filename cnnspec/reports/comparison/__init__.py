"""A comparison of networks in one format a file: each has a `FORMAT` and `render(comparison)`."""
