"""Commands and jobs: translate arguments, call once, print one answer."""
