"""A table over runs in one format a file: each has a `FORMAT` and `render(overview)`."""
