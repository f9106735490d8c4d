"""Typed JSON for machines: the same calls as the pages, under the same permissions."""
