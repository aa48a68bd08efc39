"""The page in which a spec is edited: what it asks, the server that answers, and the folder that needs none."""
