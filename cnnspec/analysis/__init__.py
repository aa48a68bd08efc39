"""Passes over the graph: each is a function from Graph to a result."""
