"""Who: the buying parties and the persons acting for them, with their identifiers. Knows no order."""
