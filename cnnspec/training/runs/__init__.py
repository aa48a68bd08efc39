"""Run folders: what was trained, how far it is, and how it goes on."""
