"""A slow, obvious second opinion on every figure of a report, in integers and fractions only.

Written from shared/SEMANTICS.md and CONTRACT sections 3 to 5, never from the engine's code: where both agree, two
readings of the text agree. `evaluate` takes agreement documents (dicts shaped like the YAML) and event records (dicts
as in CONTRACT section 3) and answers in the shape of CONTRACT section 5.

    clock, intervals, figures   integers of time, sets of time, numbers as text
    agreements, versions        documents -> targets, windows, alert pairs; which of them judges what
    history                     records -> requests, states, incidents, maintenance
    methods                     what a unit is and how a span of them is counted
    windows, judge              window, budget, burn, alerts, verdict, credit
    freeze, incident_figures    alerts below the coverage floor; MTTR and its like

It answers `NotCovered` for what it does not judge yet.
"""

import clock
from agreements import NotCovered
from history import History
from judge import Judge
from system import System
from versions import in_force_at, versions_of


def evaluate(documents, records, at=None, span=None, period=None):
    """`at`, or `span` = (from, to), or `period` by name; times as in events or as RFC 3339. Without any of them `at` is
    the first whole second after the last event."""
    bounds = None
    if span is not None:
        bounds = (clock.instant(span[0]), clock.instant(span[1]))
        if bounds[1] <= bounds[0]:
            raise ValueError("end must be greater than start")
    agreements = versions_of(documents)
    maintenance = [document for document in documents if "maintenance" in document and "agreement" not in document]
    known = {"agreement", "maintenance", "service", "component"}
    for document in documents:
        if not known & set(document) or set(document) & {"expect", "match"}:
            raise NotCovered(f"document {document}")
    at_ns = clock.instant(at) if at is not None else None
    system = System(documents)
    reports, rejected = [], None
    for versions in agreements:
        if period is not None:
            bounds = clock.period_window(period, versions[-1].agreement.zone)
        history = history_at(records, maintenance, bounds[1] if bounds else at_ns)
        rejected = history.rejected
        kind = "span" if period is None else "period"
        judging = in_force_at(versions, bounds[1] - 1 if bounds else history.at)  # a span ends before its end
        reports += [
            Judge(judging, objective.name, history, bounds, system).report(history.at, bounds, kind)
            for objective in judging[-1].agreement.objectives
        ]
    if rejected is None:
        rejected = history_at(records, maintenance, bounds[1] if bounds else at_ns).rejected
    return {"rejected": rejected, "reports": reports}


def history_at(records, maintenance, at_ns):
    history = History(records, maintenance, at_ns)
    history.at = (history.last_at // clock.NS + 1) * clock.NS if at_ns is None else at_ns
    return history
