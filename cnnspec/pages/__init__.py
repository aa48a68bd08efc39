"""Pages for a browser, each one file that loads nothing: the script, the style, and what they show."""
