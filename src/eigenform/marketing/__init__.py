"""Reaches people: leads and touches. Every outgoing contact is a Touch, whoever makes it."""
