"""A network in PyTorch: its listing, which needs none, and PyTorch's word on it, imported only inside functions."""
