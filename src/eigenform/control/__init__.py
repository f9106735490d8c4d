"""System 3, here and now: shares means among decisions. Needs no table yet."""
