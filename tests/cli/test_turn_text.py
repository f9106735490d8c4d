"""A turn's answer for a terminal: what worked stands in it with its interval, or why it cannot be told."""

from eigenform.cli.turn_text import sentences


def test_what_worked_is_told_per_customer_in_whole_money():
    row = {"scope": "campaign", "name": "Spring", "outcome": "margin", "mean": 77.0, "low": 58.4, "high": 95.6,
           "unit": "USD", "treated": 21_307, "withheld": 21_306, "facts": {}}  # fmt: skip
    unknown = {**row, "scope": "all", "mean": None, "facts": {"reason": "5 were withheld, at least 20 are needed"}}
    value = {
        "turn": 1, "as_of": "2008-06-30", "seed": 1, "policy_version": 1, "seen": {}, "estimates": 0, "decisions": [],
        "held_out": 0, "seconds": 1.0, "worth": None,
        "promises": dict.fromkeys(("kept", "broken", "broken_late", "broken_undelivered", "open", "withdrawn", "unknown"), 0),
        "effects": {"rows": [unknown, row, {**row, "outcome": "bought"}, {**row, "scope": "plan"}]},
    }  # fmt: skip

    said = sentences(value, written="written")
    assert said[4:6] == [
        "Our contacts: cannot tell; 5 were withheld, at least 20 are needed.",
        "Spring: 0.77 (0.58 to 0.96) USD more per customer; 21,307 chosen, 21,306 left alone.",
    ]
    assert len(said) == 7
    assert len(sentences({**value, "effects": None}, written="written")) == 5
