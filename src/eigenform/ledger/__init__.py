"""Append-only: what entered a judgement, what was judged, decided and done. Here the loop closes."""
