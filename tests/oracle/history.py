"""What happened: event records folded into requests, state changes, incidents and maintenance.

Everything is folded by (time, position), position being the place in the input, whatever order the records came in;
so a record about the past, or after the instant that is asked about, tells as much as one that came in time.
Nothing here knows objectives; `judge.py` asks.
"""

from dataclasses import dataclass, field
from decimal import Decimal

import clock
import intervals
import recurrence

DEFAULT_STATE = {"incident": "open", "maintenance": "scheduled", "exclusion": "proposed"}
LATENCY_UNITS = {"latency_ms": 10**6, "latency_us": 10**3, "latency_s": 10**9}


class Rejected(Exception):
    """This record alone is refused."""


@dataclass
class Request:
    """`total` requests of one kind, `good` of them; `good` is None where a rule has to decide."""

    at: int
    service: str
    customer: str | None
    total: int
    good: int | None
    status: int | None
    outcome: str | None
    latency: int | None
    out_of_scope: bool
    id: str | None = None
    request_class: str = "adhoc"


@dataclass
class Incident:
    id: str
    services: list = field(default_factory=list)
    components: list = field(default_factory=list)
    customer: str | None = None
    severity: str = "major"
    nature: str = ""  # "" until the first event says: actual, potential
    was_potential: bool = False
    intervals: list = field(default_factory=list)  # [start, end or None]
    acknowledged: int | None = None

    def spans(self):
        """Its time as a set; open ends reach for ever."""
        return intervals.union([(start, clock.FOREVER if end is None else end) for start, end in self.intervals])

    def start(self):
        return min(start for start, _ in self.intervals)


@dataclass
class Maintenance:
    services: list
    customer: str | None
    spans: list  # one for each occurrence


def occurrences(record, horizon):
    """Spans of a maintenance, once or recurring; the rule decides also about the first."""
    start, end = clock.instant(record["start"]), clock.instant(record["end"])
    starts = recurrence.starts(record["rrule"], start, horizon) if "rrule" in record else [start]
    return intervals.union([(one, one + end - start) for one in starts])


def listed(value):
    return value if isinstance(value, list) else [] if value is None else [value]


def customer_concerns(event_customer, agreement_customer):
    """Incidents, states, maintenance: without a customer everybody's, else its own and the pooled agreements'."""
    return event_customer is None or agreement_customer is None or event_customer == agreement_customer


def read_request(record, at):
    if not record.get("service"):
        raise Rejected("a request needs a service")
    total, good = record.get("count", 1), None
    if "total" in record or "good" in record:
        total, good = record["total"], record["good"]
        if good > total:
            raise Rejected("good above total")
    latency = None
    for key, unit in LATENCY_UNITS.items():
        if key in record:
            latency = int(Decimal(str(record[key])) * unit)
    return Request(
        at=at,
        service=record["service"],
        customer=record.get("customer"),
        total=total,
        good=good,
        status=record.get("status"),
        outcome=record.get("outcome"),
        latency=latency,
        out_of_scope=record.get("scope", "in") == "out",
        id=record.get("id"),
        request_class=record.get("class", "adhoc"),
    )


def settle_nature(incident, record):
    """Actual unless a complaint; what was said once stays until an event says otherwise."""
    if "nature" in record:
        incident.was_potential |= incident.nature == "potential"
        incident.nature = record["nature"]
    elif not incident.nature:
        incident.nature = "potential" if record.get("complaint") else "actual"


def fold_incident(incident_id, entries):
    """`entries`: (at, record) in order. None when the last word is that it never was."""
    incident = None
    for at, record in entries:
        state = record["state"]
        if state == "cancelled":
            incident = None
            continue
        incident = incident or Incident(incident_id)
        if "service" in record or "component" in record:
            incident.services, incident.components = listed(record.get("service")), listed(record.get("component"))
        incident.customer = record.get("customer", incident.customer)
        incident.severity = record.get("severity", incident.severity)
        settle_nature(incident, record)
        started = clock.instant(record["started_at"]) if "started_at" in record else None
        last = incident.intervals[-1] if incident.intervals else None
        is_open = last is not None and last[1] is None
        if last is None or (state == "open" and not is_open):
            last = [at if started is None else started, None]
            incident.intervals.append(last)
            is_open = True
        elif started is not None:
            last[0] = started  # a promotion's or a correction's true start
        if state == "acknowledged" and incident.acknowledged is None:
            incident.acknowledged = at
        if state == "resolved" and is_open:
            last[1] = at
    return incident


@dataclass
class StateLine:
    """One service's states as sets of time."""

    down: list  # maximal intervals: one incident each
    unknown: list  # includes the time before the first event where nothing says otherwise
    declared_gaps: list  # unknown because an event said so


@dataclass
class Exclusion:
    """An approved one: of an incident, or of services from start to end."""

    incident: str | None
    services: list
    customer: str | None
    start: int | None
    end: int | None


def fold_states(entries):
    """`entries`: (at, record) in order, at least one."""
    pieces = []  # (start, end, state, declared)
    first_at, first = entries[0]
    pieces.append((clock.BEGINNING, first_at, first.get("previous", "unknown"), "previous" in first))
    for index, (at, record) in enumerate(entries):
        end, following = entries[index + 1] if index + 1 < len(entries) else (clock.FOREVER, {})
        away = following.get("previous") == "unknown"
        pieces.append((at, end, "unknown" if away else record["state"], True))

    def time_of(state, only_declared=False):
        return intervals.union([(s, e) for s, e, st, said in pieces if st == state and (said or not only_declared)])

    return StateLine(time_of("down"), time_of("unknown"), time_of("unknown", only_declared=True))


class History:
    """All records of one run. `at` dates the records that have no time of their own."""

    def __init__(self, records, documents=(), at=None):
        self.requests = []
        self.lives = {}  # (service, id) of requests with a state: their (at, record) in order
        self.incidents = []
        self.maintenance = []
        self.exclusions = []
        self.at = at  # what an open incident excludes ends here
        self.rejected = 0
        self.last_at = None
        self._states = []  # (at, position, record)
        self._seen_ids = set()
        incident_entries, maintenance_entries, exclusion_entries, outcome_entries = {}, {}, {}, {}
        for position, record in enumerate(records):
            when = clock.instant(record["ts"]) if "ts" in record else at
            try:
                kind = record.get("kind", "request")
                if kind == "request" and "state" in record:
                    self._add_to_life(record, when, position)
                elif kind == "request":
                    self._add_request(record, when)
                elif kind == "state":
                    self._states.append((when, position, record))
                elif kind == "outcome":
                    outcome_entries.setdefault(record["of"], []).append((when, position, record))
                elif kind in DEFAULT_STATE and self._is_repeat(kind, record, when):
                    pass
                elif kind == "incident":
                    incident_entries.setdefault(record["id"], []).append((when, position, record))
                elif kind == "maintenance":
                    if "component" in record:
                        raise NotImplementedError("maintenance of a component")
                    check_rule(record)
                    maintenance_entries.setdefault(record["id"], []).append((when, position, record))
                elif kind == "exclusion":
                    exclusion_entries.setdefault(record["id"], []).append((when, position, record))
                else:
                    raise NotImplementedError(f"kind {kind}")
                if "ts" in record:
                    self.last_at = when if self.last_at is None else max(self.last_at, when)
            except Rejected:
                self.rejected += 1
        self.lives = {key: in_order(entries) for key, entries in self.lives.items()}
        self._states.sort(key=lambda entry: entry[:2])
        for incident_id, entries in incident_entries.items():
            incident = fold_incident(incident_id, in_order(entries))
            if incident is not None:
                self.incidents.append(incident)
        for request in self.requests:
            if request.id in outcome_entries:  # the last word on it, whatever it had said itself
                request.outcome, request.good = in_order(outcome_entries[request.id])[-1][1]["outcome"], None
        for entries in exclusion_entries.values():
            self._add_exclusion([record for _, record in in_order(entries)])
        for entries in maintenance_entries.values():
            _, record = in_order(entries)[-1]
            if record.get("state", "scheduled") == "scheduled":
                self._add_maintenance(listed(record.get("service")), record)
        for document in documents:
            self._add_maintenance(document["services"], document)

    def _is_repeat(self, kind, record, when):
        """Events with a life are idempotent by (kind, source, id, state, time): SEMANTICS section 10."""
        key = (kind, record.get("source"), record["id"], record.get("state", DEFAULT_STATE[kind]), when)
        seen = key in self._seen_ids
        self._seen_ids.add(key)
        return seen

    def _add_request(self, record, when):
        request = read_request(record, when)
        if "id" in record:
            key = (request.service, record["id"])
            if key in self._seen_ids:
                return
            self._seen_ids.add(key)
        self.requests.append(request)

    def _add_to_life(self, record, when, position):
        """Idempotent like all that has a life."""
        if "id" not in record:
            raise Rejected("a request with a state needs an id")
        key = (record["service"], record["id"])
        seen = ("life", record.get("source"), *key, record["state"], when)
        if seen not in self._seen_ids:
            self._seen_ids.add(seen)
            self.lives.setdefault(key, []).append((when, position, record))

    def _add_exclusion(self, said):
        """`said`: the records of one id, in order. The last state holds; so does the last word on the subject."""
        subjects = [record for record in said if "incident" in record or "start" in record]
        if not subjects or said[-1].get("state", "proposed") != "approved":
            return
        last = subjects[-1]
        if "incident" in last:
            self.exclusions.append(Exclusion(last["incident"], [], last.get("customer"), None, None))
        else:
            start, end = clock.instant(last["start"]), clock.instant(last["end"])
            self.exclusions.append(Exclusion(None, listed(last["service"]), last.get("customer"), start, end))

    def _add_maintenance(self, services, record):
        # No window that is asked about reaches further.
        horizon = max(self.at or 0, self.last_at or 0) + 3 * 366 * clock.DAY
        self.maintenance.append(Maintenance(services, record.get("customer"), occurrences(record, horizon)))

    def state_line(self, kind, name, customer):
        """`kind`: service or component."""
        entries = [
            (at, record)
            for at, _, record in self._states
            if record.get(kind) == name and customer_concerns(record.get("customer"), customer)
        ]
        return fold_states(entries) if entries else None


def check_rule(record):
    try:
        recurrence.parse(record.get("rrule", "FREQ=DAILY"))
    except recurrence.BadRule as error:
        raise Rejected(str(error)) from error


def in_order(entries):
    return [(at, record) for at, _, record in sorted(entries, key=lambda entry: entry[:2])]
