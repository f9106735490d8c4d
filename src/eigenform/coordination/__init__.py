"""System 2, keeps the doers from colliding, and holds the verbs that span two of them."""
