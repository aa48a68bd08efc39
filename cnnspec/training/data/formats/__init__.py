"""The formats that data lie in: how their files are read, within limits and without running anything in them."""
