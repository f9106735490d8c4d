"""Typed JSON for machines, under /api/v1/: translate, call once, translate back; the same doors as the pages use."""
