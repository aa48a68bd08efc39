"""Homework: tables in, every cell marked, the misconceptions behind wrong ones named."""
