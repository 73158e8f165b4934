"""Seals and restatements (SEMANTICS section 10, case R1) of a real daemon: yesterday, whose grace is over in a moment.

What needs more than one hour of receipt is in tests/unit/api/seals_test.c, where the clock is ours."""

import datetime
import json
import time
import unittest

import support
from support import Daemon, eventually, line_of, program, run

DAILY = """\
agreement: shop
provider: shop
services: [checkout]
over: day
objectives:
  availability: 99.9%
  up: {method: uptime, target: 99%}
"""
GRACE_LEFT_S = 4


class Yesterday:
    def __init__(self):
        today = datetime.datetime.now(datetime.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        self.end = int(today.timestamp())
        self.name = (today - datetime.timedelta(days=1)).strftime("%Y-%m-%d")
        self.noon = self.end - 12 * 3600

    def grace(self):
        """As a setting: it is over in GRACE_LEFT_S seconds."""
        return f"{int(time.time()) - self.end + GRACE_LEFT_S}s"


class SealsTest(unittest.TestCase):
    def setUp(self):
        self.day = Yesterday()

    def daemon(self, grace):
        return Daemon(self, DAILY, env={"NINES_GRACE": grace})

    def post(self, daemon, *records):
        answer = daemon.post(b"".join(line_of(record) for record in records))
        self.assertEqual(200, answer.status, answer)

    def report(self, daemon, objective="availability"):
        answer = daemon.get(f"/v1/reports?period={self.day.name}&agreement=shop&objective={objective}")
        self.assertEqual(200, answer.status, answer)
        return answer.json()["reports"][0]

    def base(self):
        return {"service": "checkout", "ts": self.day.noon, "good": 999100, "total": 1000000, "id": "base"}

    def late(self, **more):
        return {"service": "checkout", "ts": self.day.noon + 60, "outcome": "bad", "count": 200, "id": "late", **more}

    def sealed(self, daemon):
        return eventually(lambda: self.report(daemon)["sealed"], "yesterday is sealed")

    def test_late_events_restate_and_the_seal_stays(self):
        grace = self.day.grace()
        daemon = self.daemon(grace)
        self.post(daemon, self.base())
        before = self.report(daemon)
        self.assertFalse(before["sealed"])
        self.assertEqual(1000000, before["counts"]["late"])
        self.sealed(daemon)
        self.post(daemon, self.late(), self.late())  # a repeat counts once
        report = self.report(daemon)
        self.assertEqual(("99.910000", "met"), (report["sli"]["percent"], report["verdict"]))
        self.assertEqual(before["counts"], report["counts"])
        (restatement,) = report["restatements"]
        self.assertEqual((1, "late", 2), tuple(restatement[key] for key in ("number", "cause", "position")))
        self.assertEqual(
            {"numerator": "999100", "denominator": "1000200", "percent": "99.890022"}, restatement["sli"]
        )
        self.assertEqual("breached", restatement["verdict"])
        self.assertEqual(restatement["sli"], report["restated"]["sli"])
        daemon.restart()
        self.assertEqual(report, self.report(daemon))
        where = ["--period", self.day.name, "--url", daemon.endpoints["http"]]
        shown = run([program("nines"), "report", "shop", *where])
        self.assertIn("(late): 99.890022 %  BREACHED", shown.stdout)
        told = run([program("nines"), "explain", "shop", "availability", *where])
        self.assertIn("\nsealed at ", told.stdout)
        self.assertIn("\nrestatement 1, ", told.stdout)
        self.assertEqual(report, self.judged_again(daemon, grace))

    def judged_again(self, daemon, grace):
        """What its log says by itself: events are received when the log says so."""
        events = daemon.home / "events"
        dumped = run([program("nines"), "store", "dump", daemon.data])
        events.write_text(dumped.stdout, encoding="utf-8")
        done = run([program("nines"), "evaluate", "--agreements", daemon.agreements, "--events", events, "--grace", grace,
                    "--period", self.day.name, "--objective", "availability", "--json"])  # fmt: skip
        self.assertEqual(0, done.returncode, done.stderr)
        return json.loads(done.stdout)["reports"][0]

    def test_an_exclusion_restates_with_reason_and_author(self):
        daemon = self.daemon(self.day.grace())
        outage = {"kind": "incident", "id": "INC-1", "service": "checkout"}
        self.post(daemon, outage | {"ts": self.day.noon}, outage | {"state": "resolved", "ts": self.day.noon + 7200})
        self.assertEqual("breached", self.report(daemon, "up")["verdict"])
        self.sealed(daemon)
        about = {"kind": "exclusion", "id": "X-1", "incident": "INC-1", "reason": "customer", "author": "ann"}
        self.post(daemon, about)
        self.assertEqual([], self.report(daemon, "up")["restatements"])
        self.post(daemon, {"kind": "exclusion", "id": "X-1", "state": "approved", "author": "bob"})
        report = self.report(daemon, "up")
        self.assertEqual("breached", report["verdict"])
        (restatement,) = report["restatements"]
        self.assertEqual(
            ("exclusion", "customer", "bob", "met"),
            tuple(restatement[key] for key in ("cause", "reason", "author", "verdict")),
        )

    def test_history_that_is_brought_in_is_not_sealed_at_once(self):
        daemon = self.daemon("1h")  # over before the data directory was there, most of the day
        self.post(daemon, self.base())
        self.post(daemon, self.late())
        report = self.report(daemon)
        self.assertEqual((False, []), (report["sealed"], report["restatements"]))
        self.assertEqual("99.890022", report["sli"]["percent"])


if __name__ == "__main__":
    support.main()
