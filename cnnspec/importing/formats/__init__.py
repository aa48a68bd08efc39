"""One file per format of models."""
