"""What: offerings, their attributes, and what was promised of them."""
