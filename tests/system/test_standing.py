"""Scheduled deliveries that do not come, in lists of incidents (CONTRACT section 6, SEMANTICS section 1): GET /v1/incidents
and `nines incidents`; as many as the figures count, page by page, after a restart and with any number of workers."""

import json
import time
import unittest
import urllib.parse

import support
from support import Daemon, program, run
from traffic import text_of

DAY = 86400
DAYS = 12


def agreements(start):
    term = f"term: {{from: {text_of(start * 10**9)}}}"
    standing = "standing: {report: {schedule: FREQ=DAILY, within: 1h}}"
    objective = "objectives: {up: {method: uptime, target: 50%, over: term}}"
    return "---\n".join(
        f"agreement: {name}\nprovider: p\nservices: {services}\n{customer}{term}\n{standing}\n{objective}\n"
        for name, services, customer in (
            ("pooled", "[cleaning, post]", "customer: acme\n"), ("all", "[garden]", "customer: each\n"),
        )
    )  # fmt: skip


class StandingTest(unittest.TestCase):
    def setUp(self):
        self.start = (int(time.time()) // DAY - DAYS) * DAY
        self.daemon = Daemon(self, agreements(self.start), arguments=["--workers", "3"])
        day = [self.start + i * DAY for i in range(DAYS)]
        events = [{"service": "cleaning", "customer": "acme", "class": "standing", "ts": day[i] + 60} for i in range(3, DAYS)]
        # One late by an hour, one by more than a day, and a customer to whom the garden never came.
        events[0]["ts"] = day[3] + 7200
        del events[1]
        events += [{"service": "garden", "customer": "c", "class": "standing", "ts": day[i]} for i in range(DAYS)]
        events += [{"service": "garden", "customer": "d", "ts": day[0]}]
        incident = {"kind": "incident", "id": "i1", "service": "cleaning", "state": "open", "ts": day[0]}
        self.day = day
        self.daemon.post("".join(json.dumps(event) + "\n" for event in [*events, incident]))

    def incidents(self, **parameters):
        answer = self.daemon.get("/v1/incidents?" + urllib.parse.urlencode(parameters)).json()
        return answer["incidents"], answer["next"]

    def all_pages(self, limit):
        found, cursor = [], None
        while True:
            page, cursor = self.incidents(limit=limit, **({"cursor": cursor} if cursor else {}))
            self.assertLessEqual(len(page), limit)
            found += page
            if cursor is None:
                return found

    def told(self, incident):
        return incident["id"], incident["state"], incident["started_at"], incident["intervals"][0]["end"]

    def expected(self):
        """Ids, states, starts and ends, the newest first."""

        def instant(seconds):
            return text_of(seconds * 10**9)[:19] + "Z"

        def name(agreement, start):
            return f"{agreement}/report/" + instant(start).replace("-", "").replace(":", "")

        missed = [("pooled", self.day[i] + 3600, self.day[i + 1]) for i in (0, 1, 2, 4)]
        missed.append(("pooled", self.day[3] + 3600, self.day[3] + 7200))
        missed += [("all@d", self.day[i] + 3600, self.day[i] + DAY) for i in range(DAYS)]
        today = self.start + DAYS * DAY
        if time.time() > today + 3600:
            missed += [(agreement, today + 3600, None) for agreement in ("pooled", "all@c", "all@d")]
        missed.sort(key=lambda one: (-one[1], one[0].startswith("pooled"), one[0]))
        return [(name(agreement, start), "resolved" if end else "open", instant(start), end and instant(end))
                for agreement, start, end in missed]  # fmt: skip

    def test_they_stand_behind_those_that_were_sent(self):
        found = self.all_pages(1000)
        self.assertEqual("i1", found[0]["id"])
        self.assertIsNone(found[0]["standing"])
        missed = [self.told(one) for one in found[1:]]
        self.assertEqual(self.expected(), missed)
        self.assertEqual(sorted(missed, key=lambda one: one[2], reverse=True), missed, "the newest first")
        one = next(one for one in found if one["id"].startswith("pooled/"))
        self.assertEqual((["cleaning", "post"], "acme", ["pooled"], "report", None, "major", "actual"),
                         (one["service"], one["customer"], one["agreements"], one["standing"], one["position"], one["severity"],
                          one["nature"]))  # fmt: skip
        for limit in (1, 3, 7):
            self.assertEqual([self.told(one) for one in found], [self.told(one) for one in self.all_pages(limit)])
        figures = self.daemon.report("pooled", "up")["incidents"]
        self.assertEqual(figures["count"], 1 + len([one for one in found if one["agreements"] == ["pooled"] and one["standing"]]))
        self.daemon.restart()
        again = self.all_pages(1000)
        for one in [*found, *again]:
            del one["age_s"]
        self.assertEqual(found, again)

    def test_each_has_an_address(self):
        for one in self.incidents()[0]:
            answer = self.daemon.get("/v1/incidents/" + urllib.parse.quote(one["id"], safe="")).json()
            self.assertEqual(self.told(one), self.told(answer))
        self.assertEqual(404, self.daemon.get("/v1/incidents/pooled%2Freport%2F20200101T010000Z").status)

    def test_the_list_for_people(self):
        done = run([program("nines"), "incidents", "--data", self.daemon.data])
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertRegex(done.stdout, r"pooled/report/\w+ +resolved +actual +major .*cleaning, post +report did not come in time")
        done = run([program("nines"), "incidents", "--open", "--data", self.daemon.data])
        self.assertNotIn("resolved", done.stdout)


if __name__ == "__main__":
    support.main()
