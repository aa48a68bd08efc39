"""A class: its submissions, grades and gradebooks."""
