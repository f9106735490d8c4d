"""What was experienced minus what was expected: level over time, pooled over segments, with its doubt."""
