"""What a row of the table is, and the words that rows are made of."""

import sys
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "oracle"))

import clock  # noqa: E402

MINUTE, HOUR, DAY = 60, 3600, 86400


@dataclass
class Row:
    id: str
    documents: list
    events: list = field(default_factory=list)
    at: object = None
    span: tuple | None = None
    period: str | None = None
    # Path -> value. "sli.percent" is that field of the only report, "name/sli.percent" that of objective `name`,
    # "name@customer/sli.percent" that of a customer's agreement,
    # "alerts.*.firing" a list over all alerts; "rejected" is the sum over reasons, "reports" how many there are.
    expect: dict = field(default_factory=dict)
    refused: bool = False  # the documents are refused, with FILE:LINE:COL on stderr and exit code 1
    fails: str | None = None  # the call fails and says this on stderr
    oracle: bool = True  # whether the oracle judges it too: not what only the real parser can refuse


def epoch(text):
    """Whole seconds of an RFC 3339 time or date."""
    return clock.from_text(text) // clock.NS


def sla(objectives, **keys):
    return {"agreement": "a", "provider": "p", "services": ["s"], "objectives": objectives, **keys}


def one(method, target, over="30d", **keys):
    """An agreement with the single objective "o"."""
    return [sla({"o": {"method": method, "target": target, "over": over, **keys}})]


def batch(ts, good, bad=0, **more):
    return {"service": "s", "ts": ts, "good": good, "total": good + bad, **more}


def opened(incident_id, ts, **more):
    return {"kind": "incident", "id": incident_id, "service": "s", "state": "open", "ts": ts, **more}


def resolved(incident_id, ts, **more):
    return {"kind": "incident", "id": incident_id, "service": "s", "state": "resolved", "ts": ts, **more}


def outage(incident_id, start, end, **more):
    return [opened(incident_id, start, **more), resolved(incident_id, end)]


def state(ts, now, **more):
    return {"kind": "state", "service": "s", "state": now, "ts": ts, **more}


def maintenance(start, end, incident_id="m1", **more):
    return {"kind": "maintenance", "id": incident_id, "service": "s", "ts": start, "start": start, "end": end, **more}


def ns(seconds):
    """Seconds (also fractions) as the string of nanoseconds in a report."""
    return str(int(Decimal(str(seconds)) * clock.NS))


def pair(severity, long, short, **threshold):
    return {"severity": severity, "long": long, "short": short, **threshold}


NOW = epoch("2026-06-10T00:00:00Z")  # an ordinary query time
JUNE = epoch("2026-06-01T00:00:00Z")
