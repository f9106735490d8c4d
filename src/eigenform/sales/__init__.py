"""Sells: orders, their lines, opportunities."""
