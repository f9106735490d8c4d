"""Reads files, and writes down what was read and refused."""
