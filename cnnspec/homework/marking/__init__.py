"""Marks: rows aligned with layers, cells against the network and against a student's own earlier rows."""
