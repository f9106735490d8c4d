"""What our deeds change: who is withheld so that it can be measured, and what a gain may be."""
