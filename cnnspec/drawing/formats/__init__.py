"""The formats of drawings, a file each."""
