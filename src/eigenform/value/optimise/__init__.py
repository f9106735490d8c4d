"""Choosing under limits: exact where it can be, with the gap stated where it is not."""
