"""Develops with stakeholders: ideas, votes, workshops. Needs no table yet."""
