"""What is to be answered within a limit: incidents (`response`, `resolution`) and requests with a life (`fulfilment`).

Each is one case, which belongs to the instant that decides it: that of its answer, or the last one of the time that was
allowed. All is told as of an instant: what happens later has not happened yet (SEMANTICS section 4).
"""

from dataclasses import dataclass

import clock
import intervals
from methods import METHODS, Occurrences

HOURS_AT_A_TIME = 30 * clock.DAY


@dataclass
class Case:
    """Shaped like a request where requests are counted: `good` of `total` at the instant `at`."""

    at: int
    start: int
    services: list
    total: int
    good: int
    reason: str | None = None  # out_of_scope, or why it is set aside


def limit_of(stretches, within, concern):
    """The first instant at which the clock has run for so long: in the stretches, and only in service hours. FOREVER also
    where that comes after now, when nothing is known."""
    left = within
    for start, end in stretches:
        end = min(end, concern.at)
        while start < end:
            chunk = [(start, min(end, start + HOURS_AT_A_TIME))]
            if concern.agreement.hours:
                chunk = intervals.intersection(chunk, concern.hours(*chunk[0]))
            for first, last in chunk:
                if last - first >= left:
                    return first + left
                left -= last - first
            start += HOURS_AT_A_TIME
    return clock.FOREVER


def decide(limit, answered, kept):
    """(instant, kept) of what was answered, or None for not at all; None: it is not decided."""
    if answered is not None and answered <= limit:
        return answered, kept
    return None if limit == clock.FOREVER else (limit - 1, False)


class Answers(Occurrences):
    """Units are cases. What began under a version is held to its limit, whenever that passes."""

    def __init__(self, concern, objective):
        super().__init__(concern, objective)
        low, high = concern.of_span
        self.requests = [case for case in self.cases() if low <= case.start < high]

    def classify(self, case, policy):
        """By where it began; the agreement must also have lasted until it was decided."""
        concern = self.concern
        if case.reason in ("out_of_scope", "sender"):
            return case.reason, 0, 0
        maintained = any(intervals.contains(concern.maintenance_of[one], case.start) for one in case.services)
        if maintained and policy == "removed":
            return "maintenance", 0, 0
        if case.reason or any(intervals.contains(concern.excluded_of[one], case.start) for one in case.services):
            return "exclusion", 0, 0
        if not intervals.contains(concern.term, case.start) or case.at >= concern.agreement.term_end:
            return "term", 0, 0
        good = case.total if maintained and policy == "counts_as_good" else case.good
        return "counted", good, case.total - good


class Incidents(Answers):
    budget_unit = "incidents"

    def cases(self):
        concern, severity = self.concern, self.objective.severity
        interference = concern.interference(severity)
        for incident in concern.severe(concern.failing, severity):
            services = self.services_of(incident, interference)
            if not services:
                continue
            stretches = [(start, end) for start, end in incident.intervals if start < concern.at or start == end]
            if not stretches:
                continue
            ends = [end for _, end in stretches if end is not None and end <= concern.at]
            answered, clock_runs = self.answer(incident, stretches, ends)
            limit = limit_of(clock_runs, self.objective.within, concern)
            decided = decide(limit, answered, True)
            if decided:
                reason = "exclusion" if incident not in concern.incidents else None
                yield Case(decided[0], incident.start(), services, 1, int(decided[1]), reason)

    def services_of(self, incident, interference):
        """Those of the agreement that it names or, being a component's, interferes with."""
        return [
            service
            for service in self.concern.agreement.services
            if service in incident.services or self.concern.reach(incident, [service], interference)
        ]


def as_open(stretches):
    return intervals.union([(start, clock.FOREVER if end is None else end) for start, end in stretches])


class Response(Incidents):
    def answer(self, incident, stretches, ends):
        """The first acknowledgement or resolution; until then the clock always runs."""
        said = [incident.acknowledged] if incident.acknowledged is not None else []
        answers = [one for one in [*said, *ends] if one <= self.concern.at]
        return min(answers, default=None), [(incident.start(), clock.FOREVER)]


class Resolution(Incidents):
    def answer(self, incident, stretches, ends):
        """The last one, if it is not open again; between two openings the clock stands."""
        is_open = len(ends) < len(stretches)
        return (None if is_open else max(ends)), as_open(stretches)


@dataclass
class Life:
    """A request that is opened now and fulfilled later, as it is told at an instant."""

    service: str
    start: int
    total: int
    stretches: list  # in which its clock runs: [start, end or None]
    ended: int | None = None
    how: str = ""  # fulfilled, failed, withdrawn
    customer: str | None = None
    reason: str | None = None
    request_class: str = "adhoc"


def tell(service, entries, at):
    """`entries`: (time, record) in order. None where nothing has begun."""
    life = None
    for when, record in entries:
        state = record["state"]
        if when > at or (when == at and state != "fulfilled"):
            continue
        life = life or Life(service, when, record.get("count", 1), [])
        life.customer = record.get("customer", life.customer)
        life.request_class = "standing" if record.get("class") == "standing" else life.request_class
        if record.get("scope") == "out":
            life.reason = "out_of_scope"
        elif record.get("outcome") == "excluded":
            life.reason = life.reason or "sender"
        runs = bool(life.stretches) and life.stretches[-1][1] is None
        if state == "opened" and not runs:
            life.stretches.append([when, None])
            life.how, life.ended = "", None
        elif state == "withdrawn" or (state in ("fulfilled", "failed") and not life.how):
            life.ended = when if life.ended is None else life.ended
            life.how = state
        if state != "opened" and runs:
            life.stretches[-1][1] = when
    return life


class Fulfilment(Answers):
    budget_unit = "requests"

    def cases(self):
        concern = self.concern
        for (service, _), entries in concern.lives.items():
            life = tell(service, entries, concern.at)
            if service not in concern.agreement.services or life is None:
                continue
            if concern.agreement.customer not in (None, life.customer) or not self.is_asked_about(life):
                continue
            case = self.case_of(life)
            if case:
                yield case

    def case_of(self, life):
        limit = limit_of(as_open(life.stretches), self.objective.within, self.concern)
        decided = decide(limit, life.ended, life.how == "fulfilled")
        if life.reason:
            decided = (life.start, False)
        if not decided:
            return None
        reason = life.reason or ("sender" if life.how == "withdrawn" else None)
        return Case(decided[0], life.start, [life.service], life.total, life.total * decided[1], reason)


METHODS.update(response=Response, resolution=Resolution, fulfilment=Fulfilment)
