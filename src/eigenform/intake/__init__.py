"""Brings a source in: mapping, checked rows, then the packages below in bulk. Judges nothing."""
