"""Pure parts of the intake: mappings read, SQL composed. Text in, text or values out."""
