"""System 4, outside and later: markets, regimes, scenarios. Needs no table yet."""
