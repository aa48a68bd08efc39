"""Data sets: names, files in their original formats, folders of images, and made-up ones."""
