"""The readers, one file per format: each makes a grid of text of a file's content."""
