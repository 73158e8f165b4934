"""One objective at one instant: window, figures, budget, burns, alerts, verdict, credit. All exact."""

from dataclasses import dataclass, replace
from fractions import Fraction

import answers  # noqa: F401: further methods
import clock
import figures
import intervals
from agreements import ALERT_LEVELS, GUARD_EVENTS, GUARD_SHARE
from freeze import Freeze
from incident_figures import incident_figures, opened_by_figures
from methods import POLICIES, Concern
from system import System
from versions import Whole, in_force_at, method_of, shares_of
from windows import promised_span, window_at, window_of_span

AT_RISK_REMAINING = Fraction(1, 10)
NO_SYSTEM = System([])
VERDICTS = ("no_data", "met", "at_risk", "unknown", "behind", "breached")  # ever worse


@dataclass
class PairState:
    pair: object
    long_burn: Fraction | None
    short_burn: Fraction | None
    firing: bool


@dataclass
class Budget:
    """What a window allows: `total` of the nominal window, `full` of what the whole window will have measured as far as
    anyone knows, `elapsed` of what was measured so far. All in bad units."""

    total: Fraction
    full: Fraction
    elapsed: Fraction
    bad: Fraction

    @property
    def remaining(self):
        """Share of the full window's budget, signed; None without a budget or without valid units."""
        return None if self.full == 0 or self.elapsed == 0 else 1 - Fraction(self.bad) / self.full

    @property
    def remaining_elapsed(self):
        return None if self.full == 0 or self.elapsed == 0 else 1 - Fraction(self.bad) / self.elapsed


class Judge:
    """By the versions of an agreement up to the one in force, in order; `name` is an objective of that one."""

    def __init__(self, versions, name, history, span=None, system=NO_SYSTEM):
        self.versions = versions
        self.shares = shares_of(versions, name)
        self.own = self.shares[-1]
        self.agreement, self.objective = self.own.agreement, self.own.objective
        promised = promised_span(self.agreement, self.objective.over, history.at, self.own.judged[1], span)
        for share in self.shares:
            share.method = method_of(share, history, promised, system)
        self.whole = Whole(self.shares)
        self.concern = self.own.method.concern  # as far as the version in force judges
        term = max(self.agreement.term_start, versions[0].start), self.agreement.term_end
        if term != self.own.judged:
            self.concern = Concern(self.agreement, history, promised, system, judged=term)

    def window_at(self, at):
        return window_at(self.objective, self.own.method, self.agreement, at)

    def window_of(self, share, window):
        """The window as another method measures it: on its own edges."""
        if share in self.whole.shares:
            return window
        if window.kind in ("span", "period"):
            return window_of_span(share.objective, share.method, window.start, window.end, window.kind)
        return window_at(share.objective, share.method, self.agreement, window.at)

    # Figures

    def measure(self, window, policy=None):
        policy = policy or self.agreement.policy
        return self.whole.measure(window.start, window.until, window.origin, policy)

    def coverage(self, window, of=None):
        """(known, base); an empty base has missed nothing."""
        policy = of.agreement.policy if of else self.agreement.policy
        return (of.method if of else self.whole).coverage(window.start, window.until, window.origin, policy)

    def is_covered(self, window, of=None):
        known, base = self.coverage(window, of)
        return known >= (of or self.own).objective.coverage_floor * base

    def burn_over(self, at, length, origin):
        """(burn, units) of a lookback; without valid units the burn is 0, with a 100 % target it is undefined."""
        start, end = self.whole.lookback(at, length, origin)
        units = self.whole.measure(start, end, origin, self.agreement.policy)
        return self.burn_of(units), units

    def burn_of(self, units):
        budget = self.objective.budget_fraction
        if budget == 0:
            return None
        return Fraction(units.bad, units.valid) / budget if units.valid else Fraction(0)

    # Budgets

    def measure_of(self, share, window):
        window = self.window_of(share, window)
        return share.method.measure(window.start, window.until, window.origin, share.agreement.policy)

    def budget_of(self, share, window):
        """One version's."""
        measured, window = self.measure_of(share, window), self.window_of(share, window)
        fraction, policy = share.objective.budget_fraction, share.agreement.policy
        start = max(window.start, share.judged[0] if window.fixed else share.start)
        stands = window.fixed and not window.is_endless(share)
        last = window.nominal[1] if stands else min(window.until, window.end)
        nominal = share.method.nominal(start, min(last, share.end), window.origin, measured, stands, policy)
        come = 0
        if stands and window.at < window.end_of(share):
            come = share.method.still_to_come(window.until, window.nominal[1], window.origin, policy) or 0
        full, elapsed = fraction * (measured.valid + come), fraction * measured.valid
        return Budget(fraction * nominal, full, elapsed, measured.bad)

    def budget(self, window, measured):
        """Of all versions that add up."""
        each = [self.budget_of(share, window) for share in self.whole.shares]
        total, full, elapsed = (sum(getattr(one, key) for one in each) for key in ("total", "full", "elapsed"))
        return Budget(total, full, elapsed, measured.bad)

    # Alerts

    def exceeds(self, burn, threshold):
        return burn >= threshold if self.objective.alert_compare == ">=" else burn > threshold

    def guard_lets_pass(self, long_units, window_budget):
        """At least 10 bad events, or 1 % of the window's budget, in the long lookback."""
        if self.own.method.guard_counts_events and long_units.bad >= GUARD_EVENTS:
            return True
        return long_units.bad >= GUARD_SHARE * window_budget

    def pair_states(self, at, window):
        """Every pair as the data say at `at`, without the freeze; the guard looks at the budget of `window`."""
        total = self.budget(window, self.measure(window)).total
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

    def alert_states(self, at, window, states):
        """Below the coverage floor the levels are those of the last instant that was not; the burns are today's."""
        states = [replace(state) for state in states]
        if not self.is_covered(window):
            then = Freeze(self).last_covered_instant(at)
            frozen = self.pair_states(then, self.window_at(then)) if then is not None else []
            for index, state in enumerate(states):
                state.firing = bool(frozen) and frozen[index].firing
        return states

    def has_hours(self):
        return any(share.agreement.hours for share in self.shares)

    def alert_level(self, alerts):
        """The highest severity of what fires; with a 100 % target every bad unit is worth a page."""
        if self.objective.budget_fraction == 0 and any(state.firing for state in alerts):
            return "page"
        return max((state.pair.severity for state in alerts if state.firing), key=ALERT_LEVELS.index, default="none")

    # Verdicts

    def verdict_of(self, share, at, window, burn=Fraction(0), alert="none"):
        """One version's part of the window; burn and alerts are the business of the version in force."""
        measured, objective = self.measure_of(share, window), share.objective
        if not self.is_covered(self.window_of(share, window), share):
            return "unknown"  # also where nothing is known at all: the gap is why
        sli = sli_of(objective, measured)
        if sli is None or measured.valid < objective.min_events:
            return "no_data"
        if sli < objective.target:
            return "behind" if self.is_recoverable(share, at, window, measured) else "breached"
        return "at_risk" if alert != "none" or self.is_at_risk(share, at, window, burn) else "met"

    def is_recoverable(self, share, at, window, measured):
        """Whether the target can still be reached if all that comes is good."""
        if share.objective.budget_fraction == 0:
            return False
        if window.is_endless(share):
            return True
        if not window.fixed:
            return False
        if at >= window.end_of(share):
            return False
        come = share.method.still_to_come(window.until, window.nominal[1], window.origin, share.agreement.policy)
        if come is None:
            return True  # enough good requests could come
        return measured.bad <= share.objective.budget_fraction * (measured.valid + come)

    def is_at_risk(self, share, at, window, burn):
        if share.objective.budget_fraction == 0:
            return False
        remaining = self.budget_of(share, window).remaining
        remaining = 1 if remaining is None else remaining  # nothing was measured, nothing is spent
        if remaining < AT_RISK_REMAINING:
            return True
        if not window.fixed or window.is_endless(share) or not burn or at >= window.end_of(share):
            return False
        return at + remaining * window.length_of(share) / burn < window.end_of(share)

    def verdicts(self, at, window, burn, alert):
        """(share, verdict) of every part, the one in force last."""
        earlier = [share for share in self.shares[:-1] if self.has_part(share, at, window)]
        if not self.objective.pairs:  # then the burn is that of what each has measured itself
            burn = self.burn_of(self.measure_of(self.own, window))
        own = self.verdict_of(self.own, at, window, burn, alert)
        return [*((share, self.verdict_of(share, at, window)) for share in earlier), (self.own, own)]

    # Parts

    def part_span(self, share, at, window):
        """What has passed of the window under a version; None when nothing has."""
        window = self.window_of(share, window)
        start, end = max(window.start, share.in_force), min(window.end, share.end, at)
        return (start, end) if start < end else None

    def has_part(self, share, at, window):
        """What began under a version may be decided when it is over."""
        if self.part_span(share, at, window):
            return True
        if not share.objective.within:
            return False
        window = self.window_of(share, window)
        counts = share.method.counts(window.start, window.until, share.agreement.policy)
        return any(counts[key] for key in ("good", "bad", "excluded", "out_of_scope"))

    def parts(self, at, window, verdicts):
        return [self.part(share, at, window, verdict) for share, verdict in verdicts] if len(verdicts) > 1 else []

    def part(self, share, at, window, verdict):
        measured = self.measure_of(share, window)
        start, end = self.part_span(share, at, window) or (max(window.start, share.in_force),) * 2
        has_sli = sli_of(share.objective, measured) is not None and verdict != "no_data"
        return {
            "version": share.version.number,
            "start": clock.text_of(start),
            "end": clock.text_of(end),
            "target": figures.trimmed(share.objective.target * 100),
            "sli": sli_text(share, measured) if has_sli else None,
            "budget": {
                "unit": share.method.budget_unit,
                "total": figures.trimmed(self.budget_of(share, window).total),
            },
            "verdict": verdict,
        }

    # The report

    def report(self, at, span=None, kind="span"):
        window = window_of_span(self.objective, self.own.method, *span, kind) if span else self.window_at(at)
        measured = self.measure(window)
        unfrozen = self.pair_states(at, window)
        alerts = self.alert_states(at, window, unfrozen)
        burn = alerts[0].long_burn if alerts else self.burn_of(measured)
        alert = self.alert_level(alerts)
        budget = self.budget(window, measured)
        verdicts = self.verdicts(at, window, burn, self.alert_level(unfrozen))
        verdict = max((one for _, one in verdicts), key=VERDICTS.index)  # the worst part's
        has_sli = sli_of(self.objective, measured) is not None and verdict != "no_data"
        lasts, whole_lasts = self.exhaustion(window, budget, burn)
        covered = self.is_covered(window)
        opened = opened_by_figures(self.objective, alert, covered)
        # Not told of a window that was asked for, of slices and with service hours.
        told = not (covered or span or self.whole.slice or self.has_hours())
        lost_since = Freeze(self).last_covered_instant(at) if told else None
        return {
            "agreement": self.agreement.name,
            "customer": self.agreement.customer,
            "version": self.own.version.number,
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
            "sli": sli_text(self.own, measured) if has_sli else None,
            "coverage_percent": self.coverage_percent(window),
            "budget": self.budget_text(budget, has_sli),
            "burn": figures.trimmed(burn),
            "budget_lasts_s": figures.whole_seconds(lasts),
            "whole_budget_lasts_s": figures.whole_seconds(whole_lasts),
            "alerts": [self.alert_text(state) for state in alerts],
            "alert": alert,
            "verdict": verdict,
            "parts": self.parts(at, window, verdicts),
            "maintenance": {
                policy: figures.percent(sli_of(self.objective, self.measure(window, policy)), self.objective.target)
                for policy in POLICIES
            },
            "incidents": incident_figures(self.concern, self.objective, at, window, opened, lost_since),
            "credit": self.credit(at, window),
        }

    def counts(self, window):
        if self.objective.method == "uptime":
            return None
        return self.whole.counts(window.start, window.until, self.agreement.policy)

    def time(self, window):
        if self.objective.method != "uptime":
            return None
        split = self.whole.split(window.start, window.until, self.agreement.policy)
        return {f"{name}_ns": str(intervals.length(part)) for name, part in vars(split).items()}

    def slices(self, window):
        if not self.objective.slice:
            return None
        found = self.whole.slices(window.start, window.until, window.origin, self.agreement.policy)
        return {name: found[name] for name in ("good", "bad", "excluded", "unknown")}

    def coverage_percent(self, window):
        known, base = self.coverage(window)
        return figures.percent(Fraction(known, base) if base else Fraction(1), self.objective.coverage_floor)

    def budget_text(self, budget, has_sli):
        has_shares = has_sli and self.objective.budget_fraction != 0
        remaining = budget.remaining if has_shares else None
        return {
            "unit": self.own.method.budget_unit,
            "total": figures.trimmed(budget.total),
            "consumed_percent": figures.percent(None if remaining is None else 1 - remaining),
            "remaining_percent": figures.percent(remaining),
            "remaining_percent_elapsed": figures.percent(budget.remaining_elapsed if has_shares else None),
        }

    def exhaustion(self, window, budget, burn):
        """How long the remaining and a whole budget last at this burn, in ns; no burn or no budget: neither ends."""
        if not burn or budget.total == 0 or window.is_endless(self.own):
            return None, None
        whole = sum(window.length_of(share) for share in self.whole.shares) / burn
        if budget.full == 0:  # nothing is allowed as far as anyone knows
            left = 0 if budget.bad else 1
        else:
            left = 1 - Fraction(budget.bad) / budget.full
        return max(Fraction(0), left * whole), whole

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

    # Credits

    def credit_window(self, at, window):
        """The named period, else the last one that is complete at `at`."""
        if window.kind == "period":
            return window
        over, zone = self.agreement.credits.over, self.agreement.zone
        start, _ = over.window_at(at, zone)
        period = over.window_at(start - 1, zone)
        return window_of_span(self.objective, self.own.method, *period)

    def credit_terms(self, period):
        """Of the version that was in force at the period's end; None: it promised nothing for this objective."""
        terms = in_force_at(self.versions, period.end - 1)[-1].agreement.credits
        return terms if terms is not None and terms.objective == self.objective.name else None

    def credit(self, at, window):
        own = self.agreement.credits
        if own is None or own.objective != self.objective.name:
            return None
        period = self.credit_window(at, window)
        terms = self.credit_terms(period)
        measured = self.measure(period)
        sli = sli_of(self.objective, measured) if measured.valid >= self.objective.min_events else None
        below, pays = None, Fraction(0)
        for bound, text, share in reversed(terms.tiers if terms else []):
            if sli is not None and sli < bound:
                below, pays = text, share  # the lowest tier is the last
        terms = terms or own
        return {
            "percent": figures.percent(pays),
            "below": below,
            "amount_minor": None if terms.charge is None else amount(terms, pays),
            "currency": terms.currency,
        }


def amount(terms, pays):
    """In minor units; the minimum looks at what was promised, neither rounded nor capped."""
    if terms.minimum is not None and pays * terms.charge <= terms.minimum:
        return 0
    return round(min(pays, terms.cap) * terms.charge)


def sli_of(objective, measured):
    if measured.valid == 0 and objective.empty_is_good:
        return Fraction(1)
    return measured.sli


def sli_text(share, measured):
    numerator, denominator = share.method.shown(measured) if measured.valid else (0, 0)
    return {
        "numerator": str(numerator),
        "denominator": str(denominator),
        "percent": figures.percent(sli_of(share.objective, measured), share.objective.target),
    }
