"""Evaluations and predictions in the formats that they are printed in."""
