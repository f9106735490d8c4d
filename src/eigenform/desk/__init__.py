"""What hangs on any record, by (noun, key): tasks and their lists."""
