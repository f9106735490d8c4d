"""Tables in, tables out, by SQL files over published views. DuckDB today. No Django."""
