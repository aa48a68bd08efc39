"""The styles of drawings of networks, a file each."""
