"""Incident figures of a report: counts, mean times, and what is open (SEMANTICS section 12).

They are those of the window as the version in force sees it: its services, severities, term and hours.
"""

from fractions import Fraction

import clock
import figures
import intervals
from agreements import SEVERITIES
from methods import split_time


def ratio(value, base):
    return None if not base else Fraction(value) / Fraction(base)


def touches(spans, low, high):
    """Whether any interval meets the span; one without length does where it stands."""
    for start, end in spans:
        end = clock.FOREVER if end is None else end
        if low < high and start < high and (end > low or start == end == low):
            return True
    return False


def opened_by_figures(objective, alert_level, covered):
    """A burn alert that fires and lost coverage are potential incidents, of the severity of those that say none."""
    counts = SEVERITIES.index(objective.severity) <= SEVERITIES.index("major")
    return (alert_level != "none") + (not covered) if counts else 0


def open_potential(concern, severity, at):
    """Those of the agreement's term that are going on at the instant."""
    start, end = concern.term[0] if concern.term else (at + 1, at)
    found = [one for one in concern.potential(severity) if intervals.contains(one.spans(), at)]
    return [one for one in found if start <= at and one.start() < end]


def incident_figures(concern, objective, at, window, opened, lost_since=None):
    """Counts and mean times of the incidents that touch the window; `opened`: how many its own figures open;
    `lost_since`: the last instant at which coverage was not lost, where that is known to open one.

    Each has its own length inside the agreed time, so that MTTR and MTBF add up to MTBSI unless overlaps exceed it.
    """
    agreement, severity = concern.agreement, objective.severity
    until = min(at, window.end)
    split = split_time(concern, severity, window.start, until, agreement.policy)
    agreed = intervals.union(split.good, split.bad, split.unknown)
    start, end = concern.term[0] if concern.term else (until, until)
    low, high = max(window.start, start), min(until, end)
    lengths, waits, open_count, promoted = [], [], 0, 0
    for incident, stretches in concern.actual(severity):
        if not touches(stretches, low, high):
            continue
        promoted += incident.was_potential
        stretches = intervals.union([(start, clock.FOREVER if end is None else end) for start, end in stretches])
        lengths.append(intervals.length(intervals.intersection(stretches, agreed)))
        open_count += intervals.contains(stretches, at)
        if incident.acknowledged is not None and incident.acknowledged <= at:
            waits.append(max(0, incident.acknowledged - incident.start()))
    for spell in concern.down_spells(severity):
        if touches(spell, low, high):
            lengths.append(intervals.length(intervals.intersection(spell, agreed)))
            open_count += intervals.contains(spell, at)
    potential = open_potential(concern, severity, at)
    since = [max(start for start, _ in incident.intervals) for incident in potential]
    if opened and lost_since is not None:
        since.append(lost_since)
    count = len(lengths)
    base, down = intervals.length(agreed), sum(lengths)
    return {
        "count": count,
        "open": open_count,
        "potential_open": len(potential) + opened,
        "mttr_s": figures.whole_seconds(ratio(down, count)),
        "mtbf_s": figures.whole_seconds(ratio(max(0, base - down), count)),
        "mtbsi_s": figures.whole_seconds(ratio(base, count)),
        "mtta_s": figures.whole_seconds(ratio(sum(waits), len(waits))),
        "potential_oldest_s": figures.whole_seconds(at - min(since) if since else None),
        "promoted": promoted,
    }
