"""Commands and jobs: each translates its arguments, calls once, and translates the answer back."""
