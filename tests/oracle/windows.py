"""The window of an objective at an instant, and what of it a version has (SEMANTICS section 5)."""

from dataclasses import dataclass

import clock
import intervals

# More than any window of the unit lasts.
CALENDAR_REACH = {"day": 2 * clock.DAY, "week": 9 * clock.DAY, "month": 33 * clock.DAY}
CALENDAR_REACH |= {"quarter": 95 * clock.DAY, "year": 368 * clock.DAY}


@dataclass
class Window:
    """[start, end) as reported; `until` is how far it can be measured at the instant asked about.

    `fixed` windows (calendar, term, named periods and spans) have a `last` end that time runs towards; rolling ones have
    not, nor has a term without `to`: it is shown to end now, but can always still recover.
    """

    kind: str
    start: int
    end: int
    until: int
    nominal: tuple  # [at - W, at) of a rolling window, else [start, last)
    origin: int  # where slices are counted from
    fixed: bool
    resolution: int | None
    at: int

    def length_of(self, share):
        """W: nominal for a rolling window, inside the term for a fixed one; of several versions each has its part."""
        part = share.judged if self.fixed else (share.start, share.end)
        return max(0, min(self.nominal[1], part[1]) - max(self.nominal[0], part[0]))

    def end_of(self, share):
        """When the version's part of it is over."""
        return min(self.nominal[1], share.judged[1])

    def is_endless(self, share):
        return self.fixed and self.end_of(share) == clock.FOREVER


def window_at(objective, method, agreement, at):
    over = objective.over
    if over.kind == "rolling":
        start, end = method.lookback(at, over.length, 0)
        resolution = method.resolution(over.length)
        return Window("rolling", start, end, end, (at - over.length, at), 0, False, resolution, at)
    if over.kind == "calendar":
        start, end = over.window_at(at, agreement.zone)
        return Window("calendar", start, end, method.measured_end(at, start), (start, end), start, True, None, at)
    start, end = agreement.term_start, agreement.term_end
    shown_end = max(at, start) if end == clock.FOREVER else end
    until = max(start, method.measured_end(min(at, end), 0))
    return Window("term", start, shown_end, until, (start, end), 0, True, None, at)


def window_of_span(objective, method, start, end, kind="span"):
    origin = start if objective.slice else 0
    return Window(kind, start, end, method.measured_end(end, origin), (start, end), origin, True, None, end)


def promised_span(agreement, over, at, ends, span=None):
    """As much time as any window, named period or lookback, now or before, can reach; `ends`: where the version does."""
    length = max(over.length, CALENDAR_REACH.get(over.unit, 0) * over.count, 4 * clock.DAY)
    if agreement.credits:
        length = max(length, CALENDAR_REACH[agreement.credits.over.unit] * agreement.credits.over.count)
    start, end = at - 2 * length - 8 * clock.DAY, at + length
    if span:
        start, end = min(start, span[0]), max(end, span[1])
    if over.kind == "term":
        start = min(start, agreement.term_start)
        end = max(at, ends if ends != clock.FOREVER else at)
    return start, end
