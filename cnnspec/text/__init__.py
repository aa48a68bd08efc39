"""The text of a spec as a tree with places; nothing here knows what a layer is."""
