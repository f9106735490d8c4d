"""One turn of the loop. Every step is one call; follow the call to see how.

    feedback -> value -> decision -> action -> (ledger) -> feedback

`turn` reads the home once, judges and decides from what it read and nothing else, and writes down what it read with
what it decided. `replay` decides again from exactly that. Chance and time come in as arguments, so both agree.
"""

import dataclasses
import json
import time
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

import pyarrow as pa

from eigenform.analytics import frames, turn_inputs
from eigenform.control import actions as control_actions
from eigenform.control import decisions as control
from eigenform.control.contracts import Cost, Effect, Means, Offer, Past, Rules, Sureness, TooFarAhead
from eigenform.coordination.contracts import Candidate
from eigenform.customers import queries as customers
from eigenform.ledger import queries as ledger
from eigenform.ledger.contracts import TurnAnswer
from eigenform.policy import actions as policy_actions
from eigenform.policy import queries as policy
from eigenform.policy.contracts import PolicyVersion
from eigenform.records.database import attach_url
from eigenform.records.scope import Scope
from eigenform.supply_chain import queries as supply_chain

Progress = Callable[[str, float], None]
Inputs = dict[str, pa.Table]
_AHEAD_MAX = timedelta(days=366)


def _silent(_step: str, _share: float) -> None:
    """Tell nobody how far it is."""


def turn(
    *,
    as_of: date,
    scope: Scope,
    now: datetime,
    seed: int = 1,
    dry_run: bool = False,
    engine_url: str | None = None,
    progress: Progress = _silent,
) -> TurnAnswer:
    """Make one turn as of a day and write it down; a dry run only answers what it would decide.

    engine_url names a Spark cluster to read and reduce the home; the judging stays here.

    Raises NotAllowed without the right to decide, EngineUnknown or SparkUnreachable for an engine that is not there,
    TooFarAhead for a day more than a year after now.
    """
    scope.require("decide", "run a turn")
    if as_of > (latest := now.date() + _AHEAD_MAX):
        raise TooFarAhead(as_of=as_of, latest=latest)
    began = time.perf_counter()
    in_force = policy.in_force() if dry_run else policy_actions.ensure_first(now=now)
    in_force = in_force or PolicyVersion(1, policy.document(), "Eigenform", "defaults", now)  # as a turn would adopt
    progress("Reading what was seen", 0.05)
    inputs = _read(as_of, seed, in_force, engine_url)  # feedback
    answer = _judge_and_decide(inputs, in_force, progress)  # value, decision
    if not dry_run:
        progress("Writing the ledger", 0.85)
        answer = control_actions.write_turn(answer, inputs, policy=in_force.version, scope=scope, now=now)  # action
    progress("Done", 1.0)
    return _told(answer, seconds=time.perf_counter() - began, dry_run=dry_run)


def replay(number: int, *, scope: Scope) -> TurnAnswer:
    """Decide again from exactly what a turn had read, under its policy and seed; writes nothing.

    Raises NoSuchTurn. Estimates and decisions agree with the turn's own; the states of its decisions are of today.
    """
    scope.require("read", "look at a turn")
    began = time.perf_counter()
    made = ledger.turn(number)
    inputs = {name: frames.from_parquet(content) for name, content in ledger.turn_inputs(made.seq).items()}
    answer = _judge_and_decide(inputs, policy.version(made.policy_version))
    answer = dataclasses.replace(
        answer, number=number, ids=control_actions.ids_of(made.seq, answer.decided), states=_states(made.seq)
    )
    return dataclasses.replace(_told(answer, seconds=time.perf_counter() - began), replayed=True)


def _read(as_of: date, seed: int, in_force: PolicyVersion, engine_url: str | None = None) -> Inputs:
    """Read the home at one moment, and what became of earlier decisions."""
    document = in_force.document
    loads = ledger.loads()
    read_up_to_seq = ledger.last_seq()
    tables = turn_inputs.read(
        attach_url(),
        as_of=as_of,
        currency=document.firm.currency,
        horizon_weeks=document.horizon_weeks,
        window_days=rules_of(in_force).window_days,
        margin_share_by_category=document.margin_share_by_category,
        engine_url=engine_url,
    )
    past = [dataclasses.asdict(p) for p in ledger.decisions_so_far(up_to_seq=read_up_to_seq)]
    about = {
        "as_of": as_of.isoformat(),
        "seed": seed,
        "read_up_to_seq": read_up_to_seq,
        "currency": document.firm.currency,
        "zone": document.firm.zone,
        "sampled_sources": sorted({b["source"] for b in loads if b.get("histories") == "sampled"}),
        "simulated": any(b.get("simulated") for b in loads),
        "past": past,
    }
    tables["about"] = pa.table({"json": [json.dumps(about, sort_keys=True)]})
    return tables


def _judge_and_decide(inputs: Inputs, in_force: PolicyVersion, progress: Progress = _silent) -> control_actions.Outcome:
    """Judge and decide from the inputs alone: the same in a turn, a dry run and a replay."""
    about = json.loads(inputs["about"].column("json")[0].as_py())
    document, rules = in_force.document, rules_of(in_force)
    frame = control.Frame(
        as_of=date.fromisoformat(about["as_of"]),
        seed=about["seed"],
        horizon_weeks=document.horizon_weeks,
        discount_per_year=document.discount_per_year,
        sampled_sources=frozenset(about["sampled_sources"]),
        left_alone_segments=frozenset(document.left_alone_segments),
    )
    progress("Judging gaps and worth", 0.3)
    judged = control.judge(inputs, frame, rules)
    progress("Measuring what worked", 0.7)
    past = [Past(**values) for values in about["past"]]
    measured = control.measure(inputs, past, as_of=frame.as_of, seed=frame.seed, rules=rules)
    rules = control.reckon_with(rules, measured)
    progress("Deciding", 0.75)
    decided = control.decide(judged, inputs, past, frame, rules)
    return control_actions.Outcome(
        frame=frame,
        rules=rules,
        judged=judged,
        decided=decided,
        measured=measured,
        summary=control_actions.summarise(judged, decided, inputs, about, rules, measured),
        read_up_to_seq=about["read_up_to_seq"],
    )


def rules_of(in_force: PolicyVersion) -> Rules:
    """Hand the policy's limits down as control's own terms: lower systems never import it."""
    document, limits, bar = in_force.document, in_force.document.limits, in_force.document.thresholds
    people = _people(limits.minutes_by_person)
    assumed = {**document.effects, **{offer.name: offer.effect for offer in document.offers}}
    return Rules(
        means=Means(
            budget_minor=limits.budget_minor,
            minutes_by_channel=_minutes(limits.minutes_by_channel, people),
            per_kind_max={
                "contact_customer": limits.contacts_per_turn,
                "change_attribute": limits.attribute_changes_per_turn,
                "talk_to_partner": limits.partner_talks_per_turn,
            },
        ),
        sureness=Sureness(bar.short_share_tolerated, bar.gap_tolerated, bar.certainty, bar.readings_min),
        costs={kind: Cost(a.cost_minor, a.minutes, a.channel) for kind, a in document.actions.items()},
        effects={key: Effect(p.mean, p.sd) for key, p in assumed.items()},
        offers=tuple(
            Offer(o.name, Cost(o.cost_minor, o.minutes, o.channel), o.needs_consent, o.excludes)
            for o in document.offers
        ),
        minutes_by_person=people,
        currency=document.firm.currency,
        repeat_after_days=limits.repeat_after_days,
        contacts_max=limits.contacts_max,
        contacts_window_days=limits.contacts_window_days,
        holdout_share=limits.holdout_share,
        holdout_weeks=limits.holdout_weeks,
        policy_version=in_force.version,
    )


def _people(minutes_by_person: Mapping[str, float]) -> dict[str, dict[str, float]]:
    """Return the minutes of each person by channel, from the policy's "channel, name" lines."""
    found: dict[str, dict[str, float]] = {}
    for line, minutes in minutes_by_person.items():
        channel, _comma, name = (part.strip() for part in line.partition(","))
        found.setdefault(channel, {})[name] = minutes
    return found


def _minutes(by_channel: Mapping[str, float], people: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Return what there is of each channel: no more than its people have, where people are named."""
    there = {channel: sum(minutes.values()) for channel, minutes in people.items()}
    return {
        channel: min(by_channel.get(channel, float("inf")), there.get(channel, float("inf")))
        for channel in (*by_channel, *(c for c in there if c not in by_channel))
    }


def _told(outcome: control_actions.Outcome, *, seconds: float, dry_run: bool = False) -> TurnAnswer:
    """Put names to the subjects, for whoever asked; the ledger keeps none."""
    pairs = outcome.in_order()
    people = customers.by_subjects(c.subject for c, _held in pairs)
    firms = supply_chain.by_subjects(c.subject for c, _held in pairs)
    rows = []
    for (candidate, held_out), seq, state in zip(pairs, outcome.ids, outcome.states, strict=True):
        known = people.get(candidate.subject) or firms.get(candidate.subject)
        rows.append(
            {
                "id": seq,
                "kind": candidate.kind,
                "subject": _readable(candidate, known),
                "subject_id": candidate.subject,
                "subject_name": known.name if known else _words(candidate),
                "because": " ".join(candidate.because),
                "basis": candidate.basis,
                "expected_gain": outcome.gain_of(candidate),
                "cost": outcome.money(candidate.cost_minor),
                "held_out": held_out,
                "contrast": candidate.contrast or None,
                "propensity": outcome.propensity(held_out),
                "state": state,
                "facts": dict(candidate.facts),
            }
        )
    return TurnAnswer(
        turn=outcome.number,
        as_of=outcome.frame.as_of,
        seed=outcome.frame.seed,
        policy_version=outcome.rules.policy_version,
        summary=outcome.summary,
        decisions=tuple(rows),
        seconds=seconds,
        dry_run=dry_run,
    )


def _readable(candidate: Candidate, known: Any) -> str:
    """Return the subject as people know it: the source's key for customers and partners, words for attributes."""
    kind = candidate.subject.partition(":")[0]
    return f"{kind}:{known.key}" if known else f"{kind}:{_words(candidate)}"


def _words(candidate: Candidate) -> str:
    return candidate.subject.partition(":")[2].strip("|").replace("|", "/")


def _states(turn_seq: int) -> list[str]:
    return [d.state for d in ledger.decisions_of_turn(turn_seq)]
