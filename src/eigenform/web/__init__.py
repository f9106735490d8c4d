"""Pages for people: translate a request, call once, show the answer. Asks no table and no engine."""
