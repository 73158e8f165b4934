"""The methods: what a unit is (a request, a slice, a nanosecond) and how units are counted over a span.

Each answers the same few questions, so that windows, budgets, burns, alerts and verdicts are written once
(`judge.py`) and a further method is one more class here.
"""

import datetime
from dataclasses import dataclass
from fractions import Fraction

import clock
import intervals
from agreements import SEVERITIES
from history import customer_concerns

POLICIES = ("removed", "counts_as_good", "ignored")


@dataclass(frozen=True)
class Units:
    """Good and bad units of a span; excluded and unknown ones are in neither."""

    good: int | Fraction = 0
    bad: int | Fraction = 0

    @property
    def valid(self):
        return self.good + self.bad

    @property
    def sli(self):
        return Fraction(self.good, self.valid) if self.valid else None


class Concern:
    """The part of a history that concerns one agreement, as sets of time."""

    def __init__(self, agreement, history, promised, system, of_span=(clock.BEGINNING, clock.FOREVER), judged=None):
        """`promised`: the span for which service hours are asked about. Requests are those that occur in `of_span`;
        what happens outside `judged`, which is the term where nothing says less, is judged by nobody."""
        self.agreement = agreement
        self.at = history.at
        self.of_span = of_span
        self.lives = history.lives
        start, end = judged or (agreement.term_start, agreement.term_end)
        self.term = intervals.union([(start, end)])
        self.requests = [one for one in history.requests if of_span[0] <= one.at < of_span[1] and self._names(one)]
        self.system = system
        self.requiring = [service for service in agreement.services if service in system.requires]
        self.needed = {name for service in self.requiring for name in system.needed(system.requires[service])}
        concerned = [
            incident
            for incident in history.incidents
            if (set(incident.services) & set(agreement.services) or set(incident.components) & self.needed)
            and customer_concerns(incident.customer, agreement.customer)
        ]
        lines = {name: history.state_line("component", name, agreement.customer) for name in self.needed}
        self.component_lines = {name: line for name, line in lines.items() if line is not None}
        self._interference = {}  # by severity
        approved = [x for x in history.exclusions if customer_concerns(x.customer, agreement.customer)]
        taken_out = {exclusion.incident for exclusion in approved}
        self.incidents = [incident for incident in concerned if incident.id not in taken_out]
        self.failing = concerned  # what is excluded has failed all the same
        everything = self.interference("info") if taken_out else {}
        self.excluded_of = {
            service: intervals.union(
                [(x.start, x.end) for x in approved if service in x.services],
                *(
                    self.reach(incident, [service], everything)
                    for incident in concerned
                    if incident.id in taken_out and incident.nature == "actual"
                ),
            )
            for service in agreement.services
        }
        # What an open incident excludes ends now: how long it will last nobody knows.
        excluded = [span for spans in self.excluded_of.values() for span in spans]
        self.off_hours = intervals.difference([promised], self.hours(*promised)) if agreement.hours else []
        self.off = intervals.union(
            [(start, history.at if end == clock.FOREVER else end) for start, end in excluded], self.off_hours
        )
        self.maintenance_of = {
            service: intervals.union(
                *(
                    window.spans
                    for window in history.maintenance
                    if service in window.services and customer_concerns(window.customer, agreement.customer)
                )
            )
            for service in agreement.services
        }
        if agreement.allowance:
            covered = self.covered_by_allowance(intervals.union(*self.maintenance_of.values()))
            self.maintenance_of = {s: intervals.intersection(one, covered) for s, one in self.maintenance_of.items()}
        self.maintenance = intervals.union(*self.maintenance_of.values())
        lines = {one: history.state_line("service", one, agreement.customer) for one in agreement.services}
        self.state_lines = {service: line for service, line in lines.items() if line is not None}
        self.declared_gaps = intervals.union(*(line.declared_gaps for line in self.state_lines.values()))
        self._unknown_time = {}  # by severity
        self._bad_time = {}  # by severity
        self._excluded_time = {}  # by policy

    def covered_by_allowance(self, maintenance):
        """The first of each period; what lies outside the term spends nothing."""
        length, unit = self.agreement.allowance
        term = [(self.agreement.term_start, self.agreement.term_end)]
        covered = intervals.difference(maintenance, term)
        period_end = left = None
        for start, end in intervals.intersection(maintenance, term):
            while start < end:
                if period_end is None or start >= period_end:
                    _, period_end = clock.calendar_window(unit, start, self.agreement.zone)
                    left = length
                part = min(end, period_end) - start
                covered = intervals.union(covered, [(start, start + min(left, part))])
                left -= min(left, part)
                start += part
        return covered

    def hours(self, start, end):
        """Service hours that touch the span."""
        zone = self.agreement.zone
        dates = [clock.local_date(start, zone) - datetime.timedelta(days=2)]
        while dates[-1] <= clock.local_date(end, zone):
            dates.append(dates[-1] + datetime.timedelta(days=1))
        return intervals.union(
            [
                tuple(self.hour_edge(date, edge) for edge in (first, last))
                for date in dates
                for weekdays, first, last in self.agreement.hours
                if date.weekday() in weekdays
            ]
        )

    def hour_edge(self, date, after_midnight):
        """A time of the next day is that day's own clock's."""
        days, rest = divmod(after_midnight, clock.DAY)
        return clock.local_time(date + datetime.timedelta(days=days), rest, self.agreement.zone)

    def _names(self, request):
        """A request without a customer counts only where none is named."""
        return request.service in self.agreement.services and self.agreement.customer in (None, request.customer)

    def severe(self, incidents, severity, nature="actual"):
        floor = SEVERITIES.index(severity)
        return [i for i in incidents if i.nature == nature and SEVERITIES.index(i.severity) >= floor]

    def potential(self, severity):
        return self.severe(self.incidents, severity, "potential")

    def actual(self, severity):
        """(incident, its stretches as far as they interfere); `down` states are in `down_spells`."""
        for incident in self.severe(self.incidents, severity):
            if set(incident.services) & set(self.agreement.services):
                yield incident, incident.intervals
            else:
                yield incident, self.reach(incident, self.agreement.services, self.interference(severity))

    def reach(self, incident, services, interference):
        """The time in which an incident interferes with one of the services: of one that names it all."""
        if set(incident.services) & set(services):
            return incident.spans()
        blamed = [interference.get(one, {}).get(name, []) for one in services for name in incident.components]
        return intervals.intersection(incident.spans(), intervals.union(*blamed))

    def interference_of(self, severity, doubtful=False):
        """By service and component, when the component's failures interfere. `doubtful`: unknown is down, too."""
        if not self.needed:
            return {}
        down = {}
        for name in self.needed:
            line = self.component_lines.get(name)
            states = [] if line is None else [line.down, line.unknown] if doubtful else [line.down]
            failed = (i.spans() for i in self.severe(self.failing, severity) if name in i.components)
            down[name] = intervals.union(*states, *failed)
        return {service: self.system.interference(service, down) for service in self.requiring}

    def interference(self, severity):
        if severity not in self._interference:
            self._interference[severity] = self.interference_of(severity)
        return self._interference[severity]

    def down_spells(self, severity):
        """Every interval of a `down` state is one (critical) incident, of a component's as far as it interferes."""
        for line in self.state_lines.values():
            yield from ([spell] for spell in line.down)
        for name, line in self.component_lines.items():
            blamed = intervals.union(*(one.get(name, []) for one in self.interference(severity).values()))
            yield from (intervals.intersection([spell], blamed) for spell in line.down)

    def bad_time(self, severity):
        """Downtime of all services, united. An incident is knowledge: it is down also where states say unknown."""
        if severity not in self._bad_time:
            own = [i.spans() for i in self.severe(self.incidents, severity) if set(i.services) & set(self.agreement.services)]
            down = [line.down for line in self.state_lines.values()]
            failed = [span for one in self.interference(severity).values() for span in one.values()]
            self._bad_time[severity] = intervals.union(*own, *down, *failed)
        return self._bad_time[severity]

    def unknown_time(self, severity):
        """Where a service's state is not known, or it may be down by what a component may be."""
        if severity not in self._unknown_time:
            doubts = self.interference_of(severity, doubtful=True)
            may_fail = [span for one in doubts.values() for span in one.values()]
            own = [line.unknown for line in self.state_lines.values()]
            self._unknown_time[severity] = intervals.union(*own, *may_fail)
        return self._unknown_time[severity]

    def excluded_time(self, policy):
        """Time that no figure uses, inside the term."""
        if policy not in self._excluded_time:
            taken = [self.maintenance] if policy == "removed" else []
            self._excluded_time[policy] = intervals.union(*taken, self.off)
        return self._excluded_time[policy]

    def usable_time(self, policy):
        return intervals.difference(self.term, self.excluded_time(policy))


@dataclass
class TimeSplit:
    """One span of time by what it was."""

    good: list
    bad: list
    excluded: list
    unknown: list


def split_time(concern, severity, start, end, policy):
    """Each instant inside the term is excluded, bad, unknown or good."""
    base = intervals.intersection([(start, end)] if start < end else [], concern.term)
    excluded = intervals.intersection(base, concern.excluded_time(policy))
    rest = intervals.difference(base, excluded)
    granted = intervals.intersection(rest, concern.maintenance) if policy == "counts_as_good" else []
    judged = intervals.difference(rest, granted)
    bad = intervals.intersection(judged, concern.bad_time(severity))
    unknown = intervals.difference(intervals.intersection(judged, concern.unknown_time(severity)), bad)
    good = intervals.difference(judged, intervals.union(bad, unknown))
    return TimeSplit(intervals.union(good, granted), bad, excluded, unknown)


def counted_runs(runs, rounding, min_run):
    """What a contract counts of an outage's minutes: each run of bad time rounded, then the long ones of what is left."""
    rounded = []
    for start, end in runs:
        minutes = (end - start) // clock.MINUTE
        rounded.append(
            {
                "exact": (start, end),
                "full_minutes_aligned": (-clock.floor_to(-start, clock.MINUTE), clock.floor_to(end, clock.MINUTE)),
                "full_minutes_elapsed": (start, start + minutes * clock.MINUTE),
                "minutes_touched": (clock.floor_to(start, clock.MINUTE), -clock.floor_to(-end, clock.MINUTE)),
            }[rounding]
        )
    return intervals.union([run for run in intervals.union(rounded) if run[1] - run[0] >= min_run * clock.MINUTE])


def resolution_of(length):
    """SEMANTICS section 5."""
    for limit, resolution in ((clock.HOUR, clock.NS), (6 * clock.HOUR, 10 * clock.NS), (400 * clock.DAY, clock.MINUTE)):
        if length <= limit:
            return resolution
    return clock.HOUR


EXCLUSION_REASONS = ("maintenance", "hours", "term", "sender", "exclusion", "client_aborted", "no_request")


class Method:
    """What all have: the part of the history and the objective that asks about it."""

    def __init__(self, concern, objective):
        self.concern = concern
        self.objective = objective

    def measure(self, start, end, window_start, policy):
        """The units of a span."""
        return self.units_of([self.pieces(start, end, window_start, policy)])

    def pieces(self, start, end, window_start, policy):
        """What a span gives; pieces of several spans make units together."""
        raise NotImplementedError

    def units_of(self, pieces):
        return Units(sum(one.good for one in pieces), sum(one.bad for one in pieces))

    def shown(self, measured):
        """Numerator and denominator of the SLI, as a report says them."""
        return measured.good, measured.valid


class Occurrences(Method):
    """Units are requests."""

    budget_unit = "requests"
    guard_counts_events = True

    def __init__(self, concern, objective):
        super().__init__(concern, objective)
        self.requests = [one for one in concern.requests if self.is_asked_about(one)]

    def is_asked_about(self, request):
        """`total` narrows what counts at all."""
        objective = self.objective
        if objective.total_customer is not None and request.customer != objective.total_customer:
            return False
        return objective.total_class in (None, request.request_class)

    def resolution(self, length):
        return resolution_of(length)

    def lookback(self, at, length, window_start):
        return clock.floor_to(at - length, self.resolution(length)), at

    def measured_end(self, at, window_start):
        """Up to where a span that runs until `at` can be measured."""
        return at

    def is_good(self, request):
        """How many of the request's `total` are good by the objective's rule; all conditions must hold."""
        objective = self.objective
        if objective.bad is not None:
            return self.good_by_bad_rule(request, objective.bad)
        if objective.latency is not None:
            operator, limit = objective.latency
            if request.latency is None or request.latency > limit or (operator == "<" and request.latency == limit):
                return 0
        if request.good is not None:
            return request.good
        if request.outcome is not None:
            return request.total if request.outcome == "good" else 0
        if objective.outcome_good:
            return 0
        if objective.status_below is not None and request.status is not None:
            return request.total if request.status < objective.status_below else 0
        return request.total

    def good_by_bad_rule(self, request, rule):
        """Bad is what all parts of the rule say; what the sender says wins over the status, and stands beside a latency."""
        judges = "status" in rule or "outcome" in rule
        if "latency" in rule:
            operator, limit = rule["latency"]
            slow = request.latency is not None and (request.latency > limit or (operator, limit) == (">=", request.latency))
            if slow != judges:
                return request.total if judges else 0
        if request.good is not None:
            return request.good
        if request.outcome is not None:
            return request.total if request.outcome == "good" else 0
        ranges = rule.get("status", [])
        failed = request.status is not None and any(low <= request.status <= high for low, high in ranges)
        return 0 if failed else request.total

    def classify(self, request, policy):
        """(class, good, bad); class is counted, out_of_scope or a reason of `excluded_by`."""
        if request.out_of_scope:
            return "out_of_scope", 0, 0
        if request.outcome == "excluded":
            return "sender", 0, 0
        maintained = intervals.contains(self.concern.maintenance_of[request.service], request.at)
        if maintained and policy == "removed":
            return "maintenance", 0, 0
        if intervals.contains(self.concern.excluded_of[request.service], request.at):
            return "exclusion", 0, 0
        if intervals.contains(self.concern.off_hours, request.at):
            return "hours", 0, 0
        if not intervals.contains(self.concern.term, request.at):
            return "term", 0, 0
        good = request.total if maintained and policy == "counts_as_good" else self.is_good(request)
        return "counted", good, request.total - good

    def counts(self, start, end, policy):
        """The report's `counts`."""
        counts = {"good": 0, "bad": 0, "excluded": 0, "out_of_scope": 0}
        excluded_by = dict.fromkeys(EXCLUSION_REASONS, 0)
        for request in self.requests:
            if start <= request.at < end:
                found, good, bad = self.classify(request, policy)
                counts["good"] += good
                counts["bad"] += bad
                if found == "out_of_scope":
                    counts["out_of_scope"] += request.total
                elif found != "counted":
                    excluded_by[found] += request.total
        counts["excluded"] = sum(excluded_by.values())
        counts["excluded_by"] = excluded_by
        return counts

    def pieces(self, start, end, window_start, policy):
        counts = self.counts(start, end, policy)
        return Units(counts["good"], counts["bad"])

    def still_to_come(self, at, end, window_start, policy):
        """Units known to come in [at, end); None: nobody knows how many requests will."""
        return None

    def nominal(self, start, end, window_start, measured, fixed, policy):
        """Units that the budget of a whole window is a share of: the valid requests."""
        return measured.valid

    def gaps(self, policy):
        """Declared gaps; where maintenance counts as good, nothing is unknown inside it."""
        if policy == "counts_as_good":
            return intervals.difference(self.concern.declared_gaps, self.concern.maintenance)
        return self.concern.declared_gaps

    def coverage(self, start, end, window_start, policy):
        """(known, base): two amounts of the same unit."""
        base = intervals.intersection([(start, end)] if start < end else [], self.concern.term)
        base = intervals.difference(base, self.concern.excluded_time(policy))
        unknown = intervals.intersection(base, self.gaps(policy))
        return intervals.length(base) - intervals.length(unknown), intervals.length(base)

    def coverage_edges(self):
        return [self.concern.term, self.concern.maintenance, self.concern.off, self.concern.declared_gaps]


class Timeslices(Occurrences):
    """Units are slices. Spans start and end on slice edges, counted from the calendar window's start or the epoch."""

    budget_unit = "slices"

    def resolution(self, length):
        return self.objective.slice

    def lookback(self, at, length, window_start):
        step = self.objective.slice
        return clock.floor_to(at - length, step, window_start), clock.floor_to(at, step, window_start)

    def measured_end(self, at, window_start):
        return clock.floor_to(at, self.objective.slice, window_start)

    def __init__(self, concern, objective):
        super().__init__(concern, objective)
        self._classes = {}  # (origin, policy) -> {slice index: class}, filled as slices are asked for
        self._sums = {}  # (origin, policy) -> {slice index: (good, bad)} of the counted requests

    def sums(self, origin, policy):
        if (origin, policy) not in self._sums:
            sums = self._sums[origin, policy] = {}
            for request in self.requests:
                kind, good, bad = self.classify(request, policy)
                if kind == "counted":
                    index = (request.at - origin) // self.objective.slice
                    before = sums.get(index, (0, 0))
                    sums[index] = (before[0] + good, before[1] + bad)
        return self._sums[origin, policy]

    def is_good_slice(self, good, bad):
        return Fraction(good, good + bad) >= self.objective.slice_target

    def class_of(self, start, good, bad, excluded, gaps):
        """good, bad, excluded, unknown; outside the term; or empty: without requests, though not for any of these."""
        if good + bad > 0:
            return "good" if self.is_good_slice(good, bad) else "bad"
        inside = intervals.intersection([(start, start + self.objective.slice)], self.concern.term)
        if not inside:
            return "outside"
        if not intervals.difference(inside, excluded):
            return "excluded"
        if not intervals.difference(inside, gaps):
            return "unknown"
        return "good" if self.objective.empty_is_good else "empty"

    def slices(self, start, end, window_start, policy):
        """How many slices of a span that lies on slice edges are of each class."""
        found = {"good": 0, "bad": 0, "excluded": 0, "unknown": 0, "empty": 0, "outside": 0}
        step = self.objective.slice
        classes = self._classes.setdefault((window_start, policy), {})
        sums = self.sums(window_start, policy)
        # Of a slice that is left out in part the rest must be unknown.
        excluded, gaps = self.concern.excluded_time(policy), intervals.union(self.gaps(policy), self.concern.off)
        for index in range((start - window_start) // step, (end - window_start) // step):
            if index not in classes:
                good, bad = sums.get(index, (0, 0))
                classes[index] = self.class_of(window_start + index * step, good, bad, excluded, gaps)
            found[classes[index]] += 1
        return found

    def pieces(self, start, end, window_start, policy):
        found = self.slices(start, end, window_start, policy)
        return Units(found["good"], found["bad"])

    def still_to_come(self, at, end, window_start, policy):
        step = self.objective.slice
        usable = self.concern.usable_time(policy)
        first, last = (at - window_start) // step, (end - window_start) // step
        if not self.concern.term:
            return 0
        last = min(last, -((window_start - self.concern.term[0][1]) // step))
        edges = [window_start + index * step for index in range(first, last)]
        return sum(1 for edge in edges if intervals.intersection([(edge, edge + step)], usable))

    def nominal(self, start, end, window_start, measured, fixed, policy):
        """All slices of the window, empty or not; of a fixed one those that the term does not wholly leave out."""
        step = self.objective.slice
        base = intervals.union([(start, end)])
        base = intervals.intersection(base, self.concern.term) if fixed else base
        return sum(-((window_start - last) // step) - (first - window_start) // step for first, last in base)

    def coverage(self, start, end, window_start, policy):
        """Empty slices are left out of the figures, but they lack nothing."""
        found = self.slices(start, end, window_start, policy)
        base = sum(found[name] for name in ("good", "bad", "unknown", "empty"))
        return base - found["unknown"], base


RATIO_ONE = 10**18


class RatioTimeslices(Timeslices):
    """Units are slices, each good as far as its requests were: the SLI is the mean of their ratios, in fixed point."""

    def is_good_slice(self, good, bad):
        return bad == 0

    def pieces(self, start, end, window_start, policy):
        """The ratios of the measured slices."""
        measured = super().pieces(start, end, window_start, policy).valid
        step = self.objective.slice
        sums = self.sums(window_start, policy)
        indexes = range((start - window_start) // step, (end - window_start) // step)
        busy = [sums[index] for index in indexes if sum(sums.get(index, (0, 0))) > 0]
        ratios = [round(Fraction(good * RATIO_ONE, good + bad)) for good, bad in busy]  # half to even
        return ratios + [RATIO_ONE] * (measured - len(busy))  # empty ones, where empty is good

    def units_of(self, pieces):
        ratios = [ratio for one in pieces for ratio in one]
        if not ratios:
            return Units()
        mean = Fraction(round(Fraction(sum(ratios), len(ratios))), RATIO_ONE)
        return Units(mean * len(ratios), (1 - mean) * len(ratios))

    def shown(self, measured):
        return measured.sli * RATIO_ONE, RATIO_ONE


class Uptime(Method):
    """Units are nanoseconds; windows and lookbacks are exact."""

    budget_unit = "ns"
    guard_counts_events = False

    def resolution(self, length):
        return None

    def lookback(self, at, length, window_start):
        return at - length, at

    def measured_end(self, at, window_start):
        return at

    def __init__(self, concern, objective):
        super().__init__(concern, objective)
        self._counted = {}  # by policy

    def split(self, start, end, policy):
        """Each instant as it was, then as the contract counts it: whole runs, also where a window or term cuts them."""
        split = split_time(self.concern, self.objective.severity, start, end, policy)
        if self.objective.rounding == "exact" and not self.objective.min_run:
            return split
        known = intervals.union(split.good, split.bad)
        if policy == "counts_as_good":
            known = intervals.difference(known, self.concern.maintenance)
        bad = intervals.intersection(known, self.counted(policy))
        good = intervals.difference(intervals.union(split.good, split.bad), bad)
        return TimeSplit(good, bad, split.excluded, split.unknown)

    def counted(self, policy):
        """An outage that goes on has lasted until now."""
        if policy not in self._counted:
            concern = self.concern
            cut = [concern.excluded_time(policy)] + ([concern.maintenance] if policy == "counts_as_good" else [])
            bad = intervals.difference(concern.bad_time(self.objective.severity), intervals.union(*cut))
            bad = intervals.intersection(bad, [(0, concern.at)])  # since the epoch, where nobody knows since when
            self._counted[policy] = counted_runs(bad, self.objective.rounding, self.objective.min_run)
        return self._counted[policy]

    def pieces(self, start, end, window_start, policy):
        split = self.split(start, end, policy)
        return Units(intervals.length(split.good), intervals.length(split.bad))

    def still_to_come(self, at, end, window_start, policy):
        future = [(at, end)] if at < end else []
        return intervals.length(intervals.intersection(future, self.concern.usable_time(policy)))

    def nominal(self, start, end, window_start, measured, fixed, policy):
        """The agreed time of a fixed window, known or not; the nominal W of a rolling one."""
        base = intervals.union([(start, end)])
        return intervals.length(intervals.intersection(base, self.concern.usable_time(policy)) if fixed else base)

    def coverage(self, start, end, window_start, policy):
        split = self.split(start, end, policy)
        known = intervals.length(split.good) + intervals.length(split.bad)
        return known, known + intervals.length(split.unknown)

    def coverage_edges(self):
        concern = self.concern
        unknown = concern.unknown_time(self.objective.severity)
        bad = concern.bad_time(self.objective.severity)
        return [concern.term, concern.maintenance, concern.off, unknown, bad]


METHODS = {
    "occurrences": Occurrences,
    "timeslices": Timeslices,
    "ratio_timeslices": RatioTimeslices,
    "uptime": Uptime,
}
