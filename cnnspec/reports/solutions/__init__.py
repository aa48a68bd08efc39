"""What a search for numbers found, in one format a file: each has a `FORMAT` and `render(found, most)`."""
