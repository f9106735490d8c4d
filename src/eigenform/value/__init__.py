"""Numbers: arrays in, arrays out. No web, no database, no clock."""
