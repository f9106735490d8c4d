"""Shared Django parts without tables: bulk upsert, append-only triggers, keyset paging, permission scope."""
