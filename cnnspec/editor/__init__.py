"""What editors ask for: the form of a spec as JSON Schema."""
