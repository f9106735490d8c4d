"""A simulated firm whose truth is known: how customers buy, expect, are promised, are served, and answer.

`world.simulate` makes the whole firm from a random generator; `truth` compares what was found with what was
planted. Formulas and what each check stands on: docs/algorithms/demo-world.md.
"""
