"""Alerts below the coverage floor: the last instant that had the floor's coverage (SEMANTICS section 8).

Coverage changes evenly with time between the edges of what it is made of, so it is found by halving.
"""

import clock


class Freeze:
    """Of one judge: `covered_at` tells of one instant, `last_covered_instant` finds the last one."""

    def __init__(self, judge):
        self.judge = judge
        self.over = judge.objective.over
        self.slice = judge.whole.slice
        rolls = self.over.kind == "rolling"
        self.step = judge.whole.resolution(self.over.length) or 1 if rolls else None

    def covered_at(self, at):
        return self.judge.is_covered(self.judge.window_at(at))

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
        edges = {
            edge
            for one in self.judge.whole.coverage_edges()
            for pair in one
            for edge in pair
            if clock.BEGINNING < edge < clock.FOREVER
        }
        if self.step:  # when the start reaches the edge
            edges |= {-clock.floor_to(-edge, self.step) + self.over.length for edge in edges}
        if self.over.kind == "calendar":
            edges.add(self.judge.window_at(at).start)  # where it is empty, and nothing is missed yet
        oldest = min(edges | {at}) - clock.NS
        last = at
        while last >= oldest:
            first = max((edge for edge in edges if edge <= last), default=oldest)
            if self.over.kind == "calendar":
                first = max(first, self.judge.window_at(last).start)
            if self.slice:  # slices change one by one
                first = max(first, clock.floor_to(last, self.slice, self.judge.window_at(last).origin))
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

    def jump_index(self, at):
        return (at - self.over.length) // self.step if self.jumps() else 0

    def jumps(self):
        """Whether the window's start moves by steps of its own, not with the slices."""
        return bool(self.step) and not self.slice

    def piece(self, index, first, last):
        if not self.jumps():
            return first, last
        start = index * self.step + self.over.length
        return max(first, start), min(last, start + self.step - 1)

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
