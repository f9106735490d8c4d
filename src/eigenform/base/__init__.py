"""Money, currencies, periods, ids, errors. Imports nothing of ours."""
