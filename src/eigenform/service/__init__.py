"""Listens and helps: answers to what was asked, cases."""
