"""Numbers from arrays: what a relationship is worth, what was missed, what to choose, what it did.

Arrays in, arrays out. Nothing here knows a database, a clock or a source of chance of its own:
dates, limits and random generators are arguments. Only numpy and scipy are used.
"""
