"""One file per format of a checked table: text, JSON, Markdown, and what graders read."""
