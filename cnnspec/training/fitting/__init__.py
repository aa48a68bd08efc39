"""Fitting: the compiled model, batches, epochs, interruption."""
