"""The oracle on the worked examples: `python3 tests/oracle/test_oracle.py`. It needs no engine."""

import datetime
import random
import sys
import unittest
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "cases"))

import clock  # noqa: E402
import documents  # noqa: E402
import figures  # noqa: E402
import history  # noqa: E402
import intervals  # noqa: E402
from agreements import parse_agreement  # noqa: E402
from cases import NOW, ROWS  # noqa: E402
from expectations import differences  # noqa: E402
from freeze import Freeze as FreezeSearch  # noqa: E402
from judge import Judge  # noqa: E402
from oracle import NotCovered, evaluate  # noqa: E402
from versions import versions_of  # noqa: E402


NOT_REPORTED = ("reason", "latency_ms", "latency_window")  # words and percentiles are left to the engine


def judged(expect):
    return {path: value for path, value in expect.items() if path.rpartition("/")[2].split(".")[0] not in NOT_REPORTED}


class Table(unittest.TestCase):
    """Every row that the oracle can judge."""

    def test_rows(self):
        for row in ROWS:
            if not row.oracle or row.refused:
                continue
            with self.subTest(row=row.id):
                if row.fails:
                    with self.assertRaisesRegex(ValueError, row.fails):
                        evaluate(row.documents, row.events, row.at, row.span, row.period)
                    continue
                result = evaluate(row.documents, row.events, row.at, row.span, row.period)
                self.assertEqual([], differences(result, judged(row.expect)))


class Clock(unittest.TestCase):
    def test_epoch_magnitudes(self):
        for number in (1750000000, 1750000000000, 1750000000000000, 1750000000000000000):
            self.assertEqual(1750000000 * clock.NS, clock.from_epoch(number))

    def test_text_round_trip(self):
        for text in ("1970-01-01T00:00:00Z", "2028-02-29T23:59:59.000000001Z", "2100-03-01T00:00:00.5Z"):
            self.assertEqual(text, clock.text_of(clock.from_text(text)))
        self.assertEqual(clock.from_text("2026-06-01T02:00:00+02:00"), clock.from_text("2026-06-01"))

    def test_calendar_windows_hold_their_start_and_not_their_end(self):
        for unit in clock.CALENDAR_UNITS:
            start, end = clock.calendar_window(unit, clock.from_text("2028-02-29T12:00:00Z"))
            self.assertEqual((start, end), clock.calendar_window(unit, start))
            self.assertEqual((start, end), clock.calendar_window(unit, end - 1))
            self.assertEqual(end, clock.calendar_window(unit, end)[0])


    def test_days_of_a_zone(self):
        for zone, date, hours in (
            ("America/New_York", "2026-03-08", 23),
            ("America/New_York", "2026-11-01", 25),
            ("Europe/Berlin", "2100-03-28", 23),
            ("America/Sao_Paulo", "2017-10-15", 23),  # its midnight is skipped
            ("Pacific/Apia", "2011-12-30", 0),  # all of it is
        ):
            start, end = clock.period_window(date, zone)
            self.assertEqual(hours * clock.HOUR, end - start, zone)
        start, end = clock.period_window("2017-10-15", "America/Sao_Paulo")
        self.assertEqual((start, end), clock.calendar_window("day", start, "America/Sao_Paulo"))
        self.assertEqual(start, clock.calendar_window("day", start - 1, "America/Sao_Paulo")[1])

    def test_every_instant_has_one_window(self):
        """Also where midnight comes twice (until 2006 St John's put its clocks back at 00:01)."""
        for zone in ("America/St_Johns", "America/Havana", "Asia/Beirut", "Pacific/Apia"):
            end = clock.from_text("2005-10-20T12:00:00Z")
            for _ in range(14):
                start, next_end = clock.calendar_window("day", end, zone)
                self.assertTrue(start <= end < next_end, zone)
                self.assertEqual((start, next_end), clock.calendar_window("day", next_end - 1, zone))
                end = next_end

    def test_an_anchor_clamps_to_the_end_of_the_month(self):
        anchor = datetime.date(2025, 3, 31)
        ends, at = [], clock.from_text("2025-12-31")
        for _ in range(4):
            _, at = clock.calendar_window("month", at, "UTC", anchor)
            ends.append(clock.text_of(at)[:10])
        self.assertEqual(["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"], ends)
        before = clock.calendar_window("month", clock.from_text("2020-02-28T23:00:00Z"), "UTC", anchor)
        self.assertEqual((clock.from_text("2020-01-31"), clock.from_text("2020-02-29")), before)


class Hours(unittest.TestCase):
    def test_weekly_hours_are_local(self):
        keys = {"zone": "Europe/Berlin", "hours": ["Mon-Fri 08:00-20:00", "Sat 22:00-06:00"]}
        objectives = {"o": {"method": "uptime", "target": "99%", "over": "week"}}
        document = {"agreement": "a", "provider": "p", "services": ["s"], **keys, "objectives": objectives}
        outage = [
            {"kind": "incident", "id": "i", "service": "s", "ts": "2026-03-27T19:00:00Z", "state": "open"},
            {"kind": "incident", "id": "i", "service": "s", "ts": "2026-03-29T01:30:00Z", "state": "resolved"},
        ]
        (report,) = evaluate([document], outage, period="2026-W13")["reports"]
        # The night of the change has seven hours, of which 22:00 to 03:30 (local: one hour is skipped) are 4.5.
        self.assertEqual(str(67 * clock.HOUR - 9 * clock.HOUR // 2), report["time"]["good_ns"])
        self.assertEqual(str(9 * clock.HOUR // 2), report["time"]["bad_ns"])
        self.assertEqual(str((167 - 67) * clock.HOUR), report["time"]["excluded_ns"])


class Intervals(unittest.TestCase):
    def test_touching_sets_merge(self):
        self.assertEqual([(0, 3)], intervals.union([(0, 1), (1, 2)], [(2, 3), (5, 5)]))

    def test_difference_cuts_holes(self):
        self.assertEqual([(0, 2), (4, 6)], intervals.difference([(0, 6)], [(2, 4), (6, 9)]))

    def test_against_points(self):
        left, right = [(0, 4), (6, 9)], [(2, 7), (8, 12)]
        for point in range(-1, 13):
            in_left, in_right = intervals.contains(left, point), intervals.contains(right, point)
            self.assertEqual(in_left and in_right, intervals.contains(intervals.intersection(left, right), point))
            self.assertEqual(in_left or in_right, intervals.contains(intervals.union(left, right), point))
            self.assertEqual(in_left and not in_right, intervals.contains(intervals.difference(left, right), point))


class Figures(unittest.TestCase):
    def test_half_even(self):
        self.assertEqual("0.000000", figures.percent(Fraction(5, 10**9)))
        self.assertEqual("0.000002", figures.percent(Fraction(15, 10**9)))

    def test_never_the_target_from_below(self):
        target = Fraction(999, 1000)
        self.assertEqual("99.899999", figures.percent(target - Fraction(1, 10**12), target))
        self.assertEqual("99.900000", figures.percent(target, target))
        self.assertEqual("99.999999", figures.percent(1 - Fraction(1, 10**12), target))

    def test_no_negative_zero(self):
        self.assertEqual("0.000000", figures.percent(Fraction(-1, 10**12)))
        self.assertEqual("0", figures.trimmed(Fraction(-1, 10**12)))

    def test_trimmed(self):
        self.assertEqual("0.933333333", figures.trimmed(Fraction(14, 15)))
        self.assertEqual("100", figures.trimmed(100))


class Incidents(unittest.TestCase):
    def fold(self, *entries):
        records = [(at, {"state": state, "service": "s", **more}) for at, state, more in entries]
        return history.fold_incident("i", records)

    def test_reopened_has_two_intervals(self):
        incident = self.fold((10, "open", {}), (20, "resolved", {}), (30, "open", {}), (40, "acknowledged", {}))
        self.assertEqual([[10, 20], [30, None]], incident.intervals)
        self.assertEqual(40, incident.acknowledged)

    def test_resolve_of_unknown_is_closed(self):
        self.assertEqual([[20, 20]], self.fold((20, "resolved", {})).intervals)

    def test_cancelled_never_was(self):
        self.assertIsNone(self.fold((10, "open", {}), (20, "cancelled", {})))

    def test_complaint_is_potential_until_promoted(self):
        self.assertEqual("potential", self.fold((10, "open", {"complaint": True})).nature)
        promotion = {"nature": "actual", "started_at": 5}
        promoted = self.fold((10, "open", {"complaint": True}), (clock.NS * 20, "open", promotion))
        self.assertEqual(("actual", [[5 * clock.NS, None]]), (promoted.nature, promoted.intervals))


class Freeze(unittest.TestCase):
    """The search for the last covered instant against a look at every second's end and start."""

    def judge_of(self, rng, method):
        keys = {"method": method, "target": "99%", "over": "1h"}
        keys |= {"slice": "1m", "slice_target": "95%"} if method == "timeslices" else {}
        document = {"agreement": "a", "provider": "p", "services": ["s"], "objectives": {"o": keys}}
        records, at = [], NOW - 3 * 3600
        while at < NOW:
            state = rng.choice(("up", "unknown", "down"))
            records.append({"kind": "state", "service": "s", "ts": Decimal(at * clock.NS) / clock.NS, "state": state})
            at += rng.choice((1, 60, 300, 1000, Decimal("77.25")))
        if rng.random() < 0.5:
            start = NOW - rng.randrange(7200)
            window = {"service": "s", "ts": 0, "start": start, "end": start + 900}
            records.append({"kind": "maintenance", "id": "m", **window})
        (versions,) = versions_of([document])
        return FreezeSearch(Judge(versions, "o", history.History(records, at=NOW * clock.NS)))

    def test_against_a_scan(self):
        rng = random.Random(4)
        found_some = 0
        for index in range(12):
            judge = self.judge_of(rng, ("occurrences", "uptime", "timeslices")[index % 3])
            at = NOW * clock.NS + rng.choice((0, 1, clock.NS // 3))
            if judge.covered_at(at):
                continue
            found = judge.last_covered_instant(at)
            seconds = (second * clock.NS - early for second in range(NOW, NOW - 3 * 3600, -1) for early in (0, 1))
            scanned = next((instant for instant in seconds if instant <= at and judge.covered_at(instant)), None)
            if found is None:
                self.assertIsNone(scanned)
                continue
            found_some += 1
            self.assertTrue(judge.covered_at(found))
            self.assertFalse(judge.covered_at(found + 1))
            self.assertTrue(scanned is None or scanned <= found)
        self.assertGreater(found_some, 3)


class Documents(unittest.TestCase):
    def test_yaml_quotes_what_yaml_would_misread(self):
        text = documents.to_yaml([{"agreement": "a", "objectives": {"o": {"good": {"status": "<500"}, "x": ">="}}}])
        self.assertIn('status: "<500"', text)
        self.assertIn('x: ">="', text)

    def test_what_is_not_judged_is_refused(self):
        document = {"agreement": "a", "provider": "p", "services": ["s"], "objectives": {"o": "99%"}}
        document["versions"] = "any"
        with self.assertRaises(NotCovered):
            evaluate([document], [], at=10)


if __name__ == "__main__":
    unittest.main()
