"""What we claim about speed: each beside a rival in the same run, with CPU seconds and peak memory."""
