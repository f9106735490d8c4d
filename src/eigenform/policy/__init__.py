"""System 5, what we stand for: limits, assumed effects, who is left alone. Versioned; never edited in place."""
