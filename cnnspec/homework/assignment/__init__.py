"""An assignment: what a teacher decides about a homework, in one YAML file beside the spec."""
