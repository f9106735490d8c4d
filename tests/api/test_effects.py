"""Effects as programs read them."""

from dataclasses import replace

from tests.ledger.test_effects import ROW, write


def test_the_newest_effects_are_listed_by_scope(program, now):
    write([ROW, replace(ROW, scope="all", name="contact_customer", mean=None, facts={"reason": "too few"})], now)

    everything = program.get("/api/v1/effects").json()
    assert [(r["scope"], r["mean"]) for r in everything] == [("campaign", 77.0), ("all", None)]
    (only,) = program.get("/api/v1/effects?scope=all").json()
    assert only["facts"] == {"reason": "too few"}
    assert program.get("/api/v1/effects?scope=guess").status_code == 422
