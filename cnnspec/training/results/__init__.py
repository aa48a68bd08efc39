"""What a trained network does: scores, predictions, activations, and how they are shown."""
