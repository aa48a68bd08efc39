"""Homework tables: what readers make of a file, its columns and its cells."""
