"""One objective at one instant: window, figures, budget, burns, alerts, verdict, incident figures. All exact."""

from dataclasses import dataclass
from fractions import Fraction

import clock
import figures
import intervals
from agreements import ALERT_LEVELS, GUARD_EVENTS, GUARD_SHARE, SEVERITIES
from methods import METHODS, POLICIES, Concern, Timeslices, split_time
from system import System

AT_RISK_REMAINING = Fraction(1, 10)
NO_SYSTEM = System([])
# More than any window of the unit lasts.
CALENDAR_REACH = {"day": 2 * clock.DAY, "week": 9 * clock.DAY, "month": 33 * clock.DAY}
CALENDAR_REACH |= {"quarter": 95 * clock.DAY, "year": 368 * clock.DAY}


@dataclass
class Window:
    """[start, end) as reported; `until` is how far it can be measured at the instant asked about.

    `fixed` windows (calendar, term, named periods and spans) have an end that time runs towards; rolling ones have not.
    """

    kind: str
    start: int
    end: int
    until: int
    length: int  # W: nominal for a rolling window, inside the term for a fixed one
    origin: int  # where slices are counted from
    fixed: bool
    resolution: int | None
    endless: bool = False  # a term without `to`: it ends now, like a rolling window, but can always still recover


@dataclass
class PairState:
    pair: object
    long_burn: Fraction | None
    short_burn: Fraction | None
    firing: bool


def ratio(value, base):
    return None if not base else Fraction(value) / Fraction(base)


class Judge:
    def __init__(self, agreement, objective, history, span=None, system=NO_SYSTEM):
        self.agreement = agreement
        self.objective = objective
        self.concern = Concern(agreement, history, self.promised_span(history.at, span), system)
        self.method = METHODS[objective.method](self.concern, objective)

    # Windows

    def window_at(self, at):
        over = self.objective.over
        method = self.method
        if over.kind == "rolling":
            start, end = method.lookback(at, over.length, 0)
            return Window("rolling", start, end, end, over.length, 0, False, method.resolution(over.length))
        if over.kind == "calendar":
            start, end = self.calendar_window(at)
            until = method.measured_end(at, start)
            return Window("calendar", start, end, until, self.inside_term(start, end), start, True, None)
        start = self.agreement.term_start
        end = self.agreement.term_end
        endless = end == clock.FOREVER
        if endless:
            end = max(at, start)
        until = max(start, method.measured_end(min(at, end), 0))
        return Window("term", start, end, until, end - start, 0, not endless, None, endless)

    def calendar_window(self, at, over=None):
        over = over or self.objective.over
        return clock.calendar_window(over.unit, at, self.agreement.zone, over.anchor)

    def promised_span(self, at, span=None):
        """As much time as any window, named period or lookback, now or before, can reach."""
        over = self.objective.over
        length = max(over.length, CALENDAR_REACH.get(over.unit, 0), 4 * clock.DAY)
        if self.agreement.credits:
            length = max(length, CALENDAR_REACH[self.agreement.credits.over.unit])
        start, end = at - 2 * length - 8 * clock.DAY, at + length
        if span:
            start, end = min(start, span[0]), max(end, span[1])
        if over.kind == "term":
            start = min(start, self.agreement.term_start)
            end = max(at, self.agreement.term_end if self.agreement.term_end != clock.FOREVER else at)
        return start, end

    def window_of_span(self, start, end, kind="span"):
        origin = start if isinstance(self.method, Timeslices) else 0
        until = self.method.measured_end(end, origin)
        return Window(kind, start, end, until, self.inside_term(start, end), origin, True, None)

    def inside_term(self, start, end):
        return max(0, min(end, self.agreement.term_end) - max(start, self.agreement.term_start))

    # Figures

    def measure(self, window, policy=None):
        policy = policy or self.agreement.policy
        return self.method.measure(window.start, window.until, window.origin, policy)

    def full_window_units(self, window, measured):
        """Valid units of the whole window, as far as anyone can know them."""
        if not window.fixed:
            return measured.valid
        come = self.method.still_to_come(window.until, window.end, window.origin, self.agreement.policy)
        return measured.valid + (come or 0)

    def coverage(self, window):
        """(known, base); an empty base has missed nothing."""
        return self.method.coverage(window.start, window.until, window.origin, self.agreement.policy)

    def is_covered(self, window):
        known, base = self.coverage(window)
        return known >= self.objective.coverage_floor * base

    def burn_over(self, at, length, origin):
        """(burn, units) of a lookback; without valid units the burn is 0, with a 100 % target it is undefined."""
        start, end = self.method.lookback(at, length, origin)
        units = self.method.measure(start, end, origin, self.agreement.policy)
        return self.burn_of(units), units

    def burn_of(self, units):
        budget = self.objective.budget_fraction
        if budget == 0:
            return None
        return Fraction(units.bad, units.valid) / budget if units.valid else Fraction(0)

    # Alerts

    def exceeds(self, burn, threshold):
        return burn >= threshold if self.objective.alert_compare == ">=" else burn > threshold

    def guard_lets_pass(self, long_units, window_budget):
        """At least 10 bad events, or 1 % of the window's budget, in the long lookback."""
        if self.method.guard_counts_events and long_units.bad >= GUARD_EVENTS:
            return True
        return long_units.bad >= GUARD_SHARE * window_budget

    def pair_states(self, at, window):
        """Every pair as the data say at `at`, without the freeze; the guard looks at the budget of `window`."""
        total, _, _ = self.budget(window, self.measure(window))
        states = []
        for pair in self.objective.pairs:
            long_burn, long_units = self.burn_over(at, pair.long, window.origin)
            short_burn, short_units = self.burn_over(at, pair.short, window.origin)
            if self.objective.budget_fraction == 0:
                firing = long_units.bad > 0 and short_units.bad > 0  # the first bad unit pages, guard or not
            else:
                firing = (
                    self.exceeds(long_burn, pair.threshold)
                    and self.exceeds(short_burn, pair.threshold)
                    and self.guard_lets_pass(long_units, total)
                )
            states.append(PairState(pair, long_burn, short_burn, firing))
        return states

    def alert_states(self, at, window):
        """Below the coverage floor the levels are those of the last instant that was not; the burns are today's."""
        states = self.pair_states(at, window)
        if not self.is_covered(window):
            then = self.last_covered_instant(at)
            frozen = self.pair_states(then, self.window_at(then)) if then is not None else []
            for index, state in enumerate(states):
                state.firing = bool(frozen) and frozen[index].firing
        return states

    def covered_at(self, at):
        return self.is_covered(self.window_at(at))

    def last_covered_instant(self, at):
        """The last instant before `at` whose window had the floor's coverage, or None."""
        for first, last in self.coverage_stretches(at):
            found = self.last_covered_in(first, last)
            if found is not None:
                return found
        return None

    def coverage_stretches(self, at):
        """Spans [first, last] of instants, latest first, in which no edge of what coverage is made of enters or leaves
        the window; they reach back to where nothing further changes."""
        over = self.objective.over
        edges = {
            edge
            for one in self.method.coverage_edges()
            for pair in one
            for edge in pair
            if clock.BEGINNING < edge < clock.FOREVER
        }
        if over.kind == "rolling":
            step = self.method.resolution(over.length) or 1
            edges |= {-clock.floor_to(-edge, step) + over.length for edge in edges}  # when the start reaches the edge
        oldest = min(edges | {at}) - clock.NS
        last = at
        while last >= oldest:
            first = max((edge for edge in edges if edge <= last), default=oldest)
            if over.kind == "calendar":
                first = max(first, self.calendar_window(last)[0])
            if self.objective.slice:  # slices change one by one
                first = max(first, clock.floor_to(last, self.objective.slice, self.window_at(last).origin))
            yield first, last
            last = first - 1

    def last_covered_in(self, first, last):
        """Within a stretch, between two jumps of the window's start, what is missing changes evenly with time; and from
        jump to jump it changes evenly too. So ends tell enough: of the pieces between jumps, then within one piece.

        The first and the last piece may be cut short by the stretch, hence they are looked at by themselves.
        """
        low, high = self.jump_index(first), self.jump_index(last)
        for index in (high, high - 1):
            if index >= low and self.piece_has_covered(index, first, last):
                return self.last_covered_in_piece(index, first, last)
        if high - low > 2 and self.piece_has_covered(low + 1, first, last):
            good, bad = low + 1, high - 1
            while bad - good > 1:
                middle = (good + bad) // 2
                good, bad = (middle, bad) if self.piece_has_covered(middle, first, last) else (good, middle)
            return self.last_covered_in_piece(good, first, last)
        if high - low >= 2 and self.piece_has_covered(low, first, last):
            return self.last_covered_in_piece(low, first, last)
        return None

    def jump_step(self):
        over = self.objective.over
        stepped = over.kind == "rolling" and not self.objective.slice
        return self.method.resolution(over.length) if stepped else None

    def jump_index(self, at):
        step = self.jump_step()
        return (at - self.objective.over.length) // step if step else 0

    def piece(self, index, first, last):
        step = self.jump_step()
        if not step:
            return first, last
        start = index * step + self.objective.over.length
        return max(first, start), min(last, start + step - 1)

    def piece_has_covered(self, index, first, last):
        return any(self.covered_at(end) for end in self.piece(index, first, last))

    def last_covered_in_piece(self, index, first, last):
        """`piece_has_covered` holds."""
        covered, bare = self.piece(index, first, last)
        if self.covered_at(bare):
            return bare
        while bare - covered > 1:
            middle = (covered + bare) // 2
            covered, bare = (middle, bare) if self.covered_at(middle) else (covered, middle)
        return covered

    # The report

    def report(self, at, span=None, kind="span"):
        window = self.window_of_span(*span, kind) if span else self.window_at(at)
        measured = self.measure(window)
        alerts = self.alert_states(at, window)
        burn = alerts[0].long_burn if alerts else self.burn_of(measured)
        budget = self.budget(window, measured)
        verdict = self.verdict(at, window, measured, budget, burn, alerts)
        has_sli = self.sli_of(measured) is not None and verdict != "no_data"
        lasts, whole_lasts = self.exhaustion(window, budget, burn)
        return {
            "agreement": self.agreement.name,
            "customer": self.agreement.customer,
            "objective": self.objective.name,
            "method": self.objective.method,
            "target": figures.trimmed(self.objective.target * 100),
            "at": clock.text_of(at),
            "over": self.objective.over.text,
            "window": {
                "kind": window.kind,
                "start": clock.text_of(window.start),
                "end": clock.text_of(window.end),
                "resolution_s": figures.whole_seconds(window.resolution),
            },
            "counts": self.counts(window),
            "time": self.time(window),
            "slices": self.slices(window),
            "sli": self.sli(measured) if has_sli else None,
            "coverage_percent": self.coverage_percent(window),
            "budget": self.budget_text(budget, has_sli),
            "burn": figures.trimmed(burn),
            "budget_lasts_s": figures.whole_seconds(lasts),
            "whole_budget_lasts_s": figures.whole_seconds(whole_lasts),
            "alerts": [self.alert_text(state) for state in alerts],
            "alert": self.alert_level(alerts),
            "verdict": verdict,
            "maintenance": {
                policy: figures.percent(self.sli_of(self.measure(window, policy)), self.objective.target)
                for policy in POLICIES
            },
            "incidents": self.incidents(at, window, self.alert_level(alerts)),
            "credit": self.credit(at, window),
        }

    def counts(self, window):
        if self.objective.method == "uptime":
            return None
        return self.method.counts(window.start, window.until, self.agreement.policy)

    def time(self, window):
        if self.objective.method != "uptime":
            return None
        split = self.method.split(window.start, window.until, self.agreement.policy)
        return {f"{name}_ns": str(intervals.length(part)) for name, part in vars(split).items()}

    def slices(self, window):
        if not self.objective.slice:
            return None
        found = self.method.slices(window.start, window.until, window.origin, self.agreement.policy)
        return {name: found[name] for name in ("good", "bad", "excluded", "unknown")}

    def sli_of(self, measured):
        if measured.valid == 0 and self.objective.empty_is_good:
            return Fraction(1)
        return measured.sli

    def sli(self, measured):
        numerator, denominator = self.method.shown(measured) if measured.valid else (0, 0)
        return {
            "numerator": str(numerator),
            "denominator": str(denominator),
            "percent": figures.percent(self.sli_of(measured), self.objective.target),
        }

    def coverage_percent(self, window):
        known, base = self.coverage(window)
        return figures.percent(Fraction(known, base) if base else Fraction(1), self.objective.coverage_floor)

    def budget(self, window, measured):
        """(total, remaining of the full window, remaining of the elapsed part).

        The total is that of the nominal window; what is consumed is (1 - SLI) / B, so both shares are None without a
        budget or without valid units.
        """
        fraction = self.objective.budget_fraction
        policy = self.agreement.policy
        end = window.until if window.endless else window.end
        total = fraction * self.method.nominal(window.start, end, window.origin, measured, window.fixed, policy)
        if fraction == 0 or measured.valid == 0:
            return total, None, None
        remaining = 1 - Fraction(measured.bad) / (fraction * self.full_window_units(window, measured))
        return total, remaining, 1 - Fraction(measured.bad) / (fraction * measured.valid)

    def budget_text(self, budget, has_sli):
        total, remaining, remaining_elapsed = budget if has_sli else (budget[0], None, None)
        return {
            "unit": self.method.budget_unit,
            "total": figures.trimmed(total),
            "consumed_percent": figures.percent(None if remaining is None else 1 - remaining),
            "remaining_percent": figures.percent(remaining),
            "remaining_percent_elapsed": figures.percent(remaining_elapsed),
        }

    def exhaustion(self, window, budget, burn):
        """How long the remaining and a whole budget last at this burn, in ns; no burn or no budget: neither ends."""
        total, remaining, _ = budget
        if not burn or total == 0 or window.endless:
            return None, None
        whole = window.length / burn
        return max(Fraction(0), (1 if remaining is None else remaining) * whole), whole

    def alert_text(self, state):
        return {
            "severity": state.pair.severity,
            "long": state.pair.long_text,
            "short": state.pair.short_text,
            "threshold": figures.trimmed(state.pair.threshold),
            "long_burn": figures.trimmed(state.long_burn),
            "short_burn": figures.trimmed(state.short_burn),
            "firing": state.firing,
        }

    def alert_level(self, alerts):
        """The highest severity of what fires; with a 100 % target every bad unit is worth a page."""
        if self.objective.budget_fraction == 0 and any(state.firing for state in alerts):
            return "page"
        return max((state.pair.severity for state in alerts if state.firing), key=ALERT_LEVELS.index, default="none")

    def verdict(self, at, window, measured, budget, burn, alerts):
        if not self.is_covered(window):
            return "unknown"  # also where nothing is known at all: the gap is why
        if self.sli_of(measured) is None or measured.valid < self.objective.min_events:
            return "no_data"
        if self.sli_of(measured) < self.objective.target:
            return "behind" if self.is_recoverable(at, window, measured) else "breached"
        return "at_risk" if self.is_at_risk(at, window, budget, burn, alerts) else "met"

    def is_recoverable(self, at, window, measured):
        """Whether the target can still be reached if all that comes is good."""
        if self.objective.budget_fraction == 0:
            return False
        if window.endless:
            return True
        if not window.fixed:
            return False
        if at >= min(window.end, self.agreement.term_end):
            return False
        come = self.method.still_to_come(window.until, window.end, window.origin, self.agreement.policy)
        if come is None:
            return True  # enough good requests could come
        return measured.bad <= self.objective.budget_fraction * (measured.valid + come)

    def is_at_risk(self, at, window, budget, burn, alerts):
        if self.alert_level(alerts) != "none":
            return True
        if self.objective.budget_fraction == 0:
            return False
        remaining = 1 if budget[1] is None else budget[1]  # nothing was measured, nothing is spent
        if remaining < AT_RISK_REMAINING:
            return True
        end = min(window.end, self.agreement.term_end)
        return window.fixed and burn > 0 and at + remaining * window.length / burn < end

    # Credits

    def credit_window(self, at, window):
        """The named period, else the last one that is complete at `at`."""
        if window.kind == "period":
            return window
        over = self.agreement.credits.over
        start, _ = self.calendar_window(at, over)
        return self.window_of_span(*self.calendar_window(start - 1, over))

    def credit(self, at, window):
        terms = self.agreement.credits
        if terms is None or terms.objective != self.objective.name:
            return None
        measured = self.measure(self.credit_window(at, window))
        sli = self.sli_of(measured) if measured.valid >= self.objective.min_events else None
        below, pays = None, Fraction(0)
        for bound, text, share in reversed(terms.tiers):
            if sli is not None and sli < bound:
                below, pays = text, share  # the lowest tier is the last
        return {
            "percent": figures.percent(pays),
            "below": below,
            "amount_minor": None if terms.charge is None else self.amount(pays),
            "currency": terms.currency,
        }

    def amount(self, pays):
        """In minor units; the minimum looks at what was promised, neither rounded nor capped."""
        terms = self.agreement.credits
        if terms.minimum is not None and pays * terms.charge <= terms.minimum:
            return 0
        return round(min(pays, terms.cap) * terms.charge)

    def opened_by_figures(self, window, alert_level):
        """A burn alert that fires and lost coverage are potential incidents, of the severity of those that say none."""
        counts = SEVERITIES.index(self.objective.severity) <= SEVERITIES.index("major")
        return (alert_level != "none") + (not self.is_covered(window)) if counts else 0

    def incidents(self, at, window, alert_level):
        """Counts and mean times of the incidents that touch the window.

        Each has its own length inside the agreed time, so that MTTR and MTBF add up to MTBSI unless overlaps exceed it.
        """
        until = min(at, window.end)
        split = split_time(self.concern, self.objective.severity, window.start, until, self.agreement.policy)
        agreed = intervals.union(split.good, split.bad, split.unknown)

        def touched(spans):
            return self.touches(spans, window.start, until)

        lengths, waits, open_count, promoted = [], [], 0, 0
        for incident, stretches in self.concern.actual(self.objective.severity):
            if not touched(stretches):
                continue
            promoted += incident.was_potential
            stretches = intervals.union([(start, clock.FOREVER if end is None else end) for start, end in stretches])
            lengths.append(intervals.length(intervals.intersection(stretches, agreed)))
            open_count += intervals.contains(stretches, at)
            if incident.acknowledged is not None and incident.acknowledged <= at:
                waits.append(max(0, incident.acknowledged - incident.start()))
        for spell in self.concern.down_spells(self.objective.severity):
            if touched(spell):
                lengths.append(intervals.length(intervals.intersection(spell, agreed)))
                open_count += intervals.contains(spell, at)
        potential = self.concern.potential(self.objective.severity)
        potential = [i for i in potential if self.is_open(i, at) and self.is_in_term(i, at)]
        since = [max(start for start, _ in incident.intervals) for incident in potential]
        count = len(lengths)
        base, down = intervals.length(agreed), sum(lengths)
        return {
            "count": count,
            "open": open_count,
            "potential_open": len(potential) + self.opened_by_figures(window, alert_level),
            "mttr_s": figures.whole_seconds(ratio(down, count)),
            "mtbf_s": figures.whole_seconds(ratio(max(0, base - down), count)),
            "mtbsi_s": figures.whole_seconds(ratio(base, count)),
            "mtta_s": figures.whole_seconds(ratio(sum(waits), len(waits))),
            "potential_oldest_s": figures.whole_seconds(at - min(since) if since else None),
            "promoted": promoted,
        }

    def touches(self, spans, start, until):
        """Whether any interval meets the span and the term; one without length does where it stands."""
        low = max(start, self.agreement.term_start)
        high = min(until, self.agreement.term_end)
        for start, end in spans:
            end = clock.FOREVER if end is None else end
            if low < high and start < high and (end > low or start == end == low):
                return True
        return False

    def is_in_term(self, incident, at):
        return self.agreement.term_start <= at and incident.start() < self.agreement.term_end

    def is_open(self, incident, at):
        return intervals.contains(incident.spans(), at)
