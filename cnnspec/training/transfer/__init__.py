"""Transfer learning: weights that were trained elsewhere, taken over by layer, and what of them learns on."""
