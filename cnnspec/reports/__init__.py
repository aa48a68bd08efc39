"""One file per format; each has a function from a measured network to text."""
