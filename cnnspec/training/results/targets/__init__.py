"""How good a network is that tells no class of a sample: one file per sort of target."""
