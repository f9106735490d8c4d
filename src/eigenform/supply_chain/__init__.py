"""Delivers with partners: who they are and what was delivered when."""
