"""Evidence (SEMANTICS 13; CONTRACT 6): over HTTP, page by page, and by `nines explain` it is what the offline evaluator
tells of the same events, and adds up to the daemon's own reports."""

import json
import random
import sys
import unittest
from pathlib import Path

import support
from support import Daemon, options, program, run

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "oracle"))

import clock  # noqa: E402
import documents  # noqa: E402
import evidence  # noqa: E402
import generate  # noqa: E402

AT = clock.from_text("2026-03-01T00:00:00Z")

AGREEMENTS = """\
agreement: shop
provider: us
services: [web]
hours: [Mon-Fri 08:00-20:00]
objectives:
  uptime: {method: uptime, target: 99%, over: month}
  availability: {method: occurrences, target: 99%, over: month}
  minutes: {method: timeslices, slice: 1m, slice_target: 95%, target: 99%, over: month}
"""
EVENTS = """\
{"kind":"incident","id":"a","service":"web","title":"disk","ts":"2026-03-02T10:00:00Z"}
{"kind":"incident","id":"a","service":"web","state":"resolved","ts":"2026-03-02T11:00:00Z"}
{"kind":"incident","id":"b","service":"web","title":"net","severity":"critical","ts":"2026-03-02T10:30:00Z"}
{"kind":"incident","id":"b","service":"web","state":"resolved","ts":"2026-03-02T12:00:00Z"}
{"kind":"exclusion","id":"x","incident":"b","state":"approved","reason":"power cut","author":"ann","ts":"2026-03-02T13:00:00Z"}
{"kind":"maintenance","id":"m","service":"web","reason":"new disk","start":"2026-03-02T11:30:00Z","end":"2026-03-02T13:00:00Z","ts":"2026-03-01T00:00:00Z"}
{"service":"web","status":500,"ts":"2026-03-02T10:00:00Z"}
{"service":"web","status":500,"ts":"2026-03-02T10:00:00.5Z"}
{"service":"web","status":500,"ts":"2026-03-02T10:40:00.5Z"}
{"service":"web","status":200,"ts":"2026-03-02T14:40:00.5Z","id":"r"}
{"kind":"outcome","of":"r","outcome":"bad","reason":"empty page","ts":"2026-03-02T15:00:00Z"}
"""  # fmt: skip
UPTIME = """\
evidence
  bad: 30 min, of 2 items
    position  what      from                  to                    counts            why
           1  incident  2026-03-02T10:00:00Z  2026-03-02T11:00:00Z  30 min of 60 min  a (major): disk
           3  incident  2026-03-02T10:30:00Z  2026-03-02T12:00:00Z  none of 90 min    b (critical): net
  excluded: 34 h 30 min, of 3 items
    position  what         from                  to                    counts            why
           5  maintenance  2026-03-02T11:30:00Z  2026-03-02T13:00:00Z  90 min            m: new disk
           4  exclusion    2026-03-02T10:30:00Z  2026-03-02T12:00:00Z  60 min of 90 min  x: power cut, of incident b, says ann
           -  hours        2026-03-01T00:00:00Z  2026-03-02T08:00:00Z  32 h 0 min        outside the service hours
"""  # fmt: skip
MINUTES = """\
  bad slices: 2, of 2 items
    position  what   from                  to                    counts  why
           6  slice  2026-03-02T10:00:00Z  2026-03-02T10:01:00Z  1       2 bad of 2 requests: below the slice target
           9  slice  2026-03-02T14:40:00Z  2026-03-02T14:41:00Z  1       1 bad of 1 requests: below the slice target
"""


class ExplainTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.home = support.folder(cls)
        (cls.home / "agreements.yaml").write_text(AGREEMENTS, encoding="utf-8")
        (cls.home / "events").write_text(EVENTS, encoding="utf-8")

    def explain(self, objective, *more):
        files = ("--agreements", self.home / "agreements.yaml", "--events", self.home / "events")
        done = run([program("nines"), "explain", "shop", objective, *files, *more])
        self.assertEqual((0, ""), (done.returncode, done.stderr))
        return done.stdout

    def test_every_item_is_told_with_its_share_and_reason(self):
        self.assertIn(UPTIME, self.explain("uptime"))
        self.assertIn(MINUTES, self.explain("minutes"))
        text = self.explain("availability")
        self.assertIn("1       web: empty page (corrected by position 10)", text)
        self.assertIn("as of position 11 of the log, version 1", text)

    def test_json_holds_report_and_evidence(self):
        told = json.loads(self.explain("uptime", "--json"))
        self.assertEqual([], evidence.problems_of(told["report"], told["evidence"]))
        self.assertEqual("ns", told["evidence"]["figure"]["unit"])

    def test_what_is_missing_is_said(self):
        done = run([program("nines"), "explain", "shop", "uptime", "--events", self.home / "events"])
        self.assertEqual(2, done.returncode)
        self.assertIn("--agreements", done.stderr)


class PagesTest(unittest.TestCase):
    """Random histories in a daemon."""

    @classmethod
    def setUpClass(cls):
        rng = random.Random(options.seed)
        cls.ats = [AT, AT + clock.HOUR]
        cls.subjects = generate.subjects(rng, 12, cls.ats)
        for subject in cls.subjects:
            evidence.enrich(rng, subject)
        every = [document for subject in cls.subjects for document in subject.documents]
        cls.home = support.folder(cls)
        config = cls.home / "nines.yaml"
        config.write_text("retention: 0\n", encoding="utf-8")
        cls.daemon = Daemon(cls, documents.to_yaml(every), arguments=("--config", config))
        # What the daemon would refuse or know already is not what is tried here.
        lines = {}
        for subject in cls.subjects:
            for record in subject.records:
                lines.setdefault(documents.line(record) + "\n")
        (cls.home / "events").write_text("".join(lines), encoding="utf-8")
        answer = cls.daemon.post("".join(lines).encode())
        assert answer.status == 200, answer
        cls.daemon.at_rest()

    def all_pages(self, path, limit):
        whole, cursor = None, ""
        while True:
            answer = self.daemon.get(f"{path}&limit={limit}{cursor}")
            self.assertEqual(200, answer.status, answer)
            page = answer.json()
            self.assertLessEqual(len(page["items"]), limit)
            if whole is None:
                whole = page
            else:
                self.assertEqual(whole["figure"], page["figure"])
                whole["items"] += page["items"]
            if page["next"] is None:
                return {**whole, "next": None}
            cursor = f"&cursor={page['next']}"

    def test_pages_are_what_the_offline_evaluator_tells_and_add_up(self):
        (self.home / "agreements.yaml").write_bytes(self.daemon.agreements.read_bytes())
        checked = 0
        for at in map(clock.text_of, self.ats):
            files = ("--agreements", self.home / "agreements.yaml", "--events", self.home / "events")
            done = run([program("nines"), "evaluate", *files, "--at", at, "--json", "--evidence"])
            self.assertEqual(0, done.returncode, done.stderr)
            offline = {(one["agreement"], one["objective"]): one for one in json.loads(done.stdout)["evidence"]}
            for report in self.daemon.reports(at=at)["reports"]:
                name, objective = report["agreement"], report["objective"]
                online = self.all_pages(f"/v1/reports/{name}/{objective}/evidence?at={at}", 3 + checked % 5)
                with self.subTest(name, objective=objective, at=at, seed=options.seed):
                    self.assertEqual([], evidence.problems_of(report, online))
                    self.assertEqual(offline[name, objective]["figure"], online["figure"])
                    self.assertEqual(offline[name, objective]["items"], online["items"])
                checked += 1
        self.assertGreater(checked, 20)


if __name__ == "__main__":
    support.main()
