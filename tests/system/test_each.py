"""`customer: each` and percentiles of latency in the daemon (CONTRACT section 4, SEMANTICS section 4): a report for every
customer from its first event on; live, after restart, after reload, judged anew, with any number of workers and offline
the same figures; never more series than `each_max`, and never in silence."""

import json
import random
import signal
import time
import unittest

import support
from support import Daemon, eventually, line_of
from traffic import text_of

EACH = """\
service: checkout
expect: {every: 1w}
---
service: search
---
agreement: all-customers
provider: shop
customer: each
services: [checkout, search]
objectives:
  availability: 99%
  minutes: {method: timeslices, slice: 1m, slice_target: 95%, target: 99%, over: 1d}
  up: {method: uptime, target: 99%, over: 1d}
  answered: {method: response, target: 50%, within: 4m}
  served: {method: fulfilment, target: 50%, within: 4m}
  whole: {method: composite, combine: weighted_mean, members: [availability, minutes], target: 50%}
credits: {objective: availability, period: day, below: {99.9: 10%}, charge: 100.00 USD}
---
agreement: pooled
provider: shop
services: [checkout, search]
objectives: {availability: 99%}
"""
OBJECTIVES = ("availability", "minutes", "up", "answered", "served", "whole")
AGREED = ("agreement", "customer", "objective")


def story(seed, now_s, count=400):
    """Requests of twelve customers (and some of none) in the last hour, with incidents, states, maintenance, an
    exclusion and a corrected outcome between them; in the order in which they are sent, which is not that of time."""
    chance = random.Random(seed)
    base = (int(now_s) - 3600) * 10**9
    customers = [f"c{i}" for i in range(12)]

    def at(second):
        return text_of(base + second * 10**9)

    requests = [
        {
            "service": chance.choice(("checkout", "search")), "id": f"r{i}", "ts": at(chance.randrange(3500)),
            "status": chance.choice((200, 200, 200, 200, 503)), "latency_ms": chance.randrange(1, 4000) / 10,
            **({"customer": chance.choice(customers[: 1 + i // 20])} if i % 9 else {}),
        }
        for i in range(count)
    ]  # fmt: skip
    between = [
        {"kind": "incident", "id": "i1", "service": "checkout", "state": "open", "ts": at(600)},
        {"kind": "incident", "id": "i1", "service": "checkout", "state": "resolved", "ts": at(900)},
        {"kind": "incident", "id": "i2", "service": "search", "customer": "c3", "state": "open", "ts": at(1000)},
        {"kind": "incident", "id": "i2", "service": "search", "customer": "c3", "state": "resolved", "ts": at(1300)},
        {"kind": "incident", "id": "i3", "service": "search", "customer": "new", "state": "open", "ts": at(1400)},
        {"kind": "state", "service": "checkout", "state": "up", "ts": at(0)},
        {"kind": "state", "service": "checkout", "customer": "c1", "state": "down", "ts": at(2000)},
        {"kind": "state", "service": "checkout", "customer": "c1", "state": "up", "ts": at(2100)},
        {"kind": "maintenance", "id": "m1", "service": "search", "start": at(2200), "end": at(2500), "ts": at(2200)},
        {"kind": "maintenance", "id": "m2", "service": "search", "customer": "c2", "start": at(2600), "end": at(2700),
         "ts": at(2600)},
        {"kind": "exclusion", "id": "x1", "service": "checkout", "start": at(2800), "end": at(2900), "ts": at(3000),
         "state": "approved", "reason": "customer", "author": "ann"},
        {"service": "search", "id": "q1", "state": "opened", "customer": "c4", "ts": at(1500)},
        {"service": "search", "id": "q1", "state": "fulfilled", "ts": at(1600)},
        {"service": "search", "id": "q2", "state": "opened", "ts": at(1500)},
        {"service": "search", "id": "q2", "state": "pending", "customer": "c5", "ts": at(1600)},
        {"kind": "outcome", "of": "r7", "outcome": "excluded", "ts": at(3100)},
    ]  # fmt: skip
    for i, event in enumerate(between):
        requests.insert(25 * (i + 1), event)
    return requests


def by_series(reports):
    """Without what depends on when the events were sent."""
    for report in reports:
        if report["counts"]:
            del report["counts"]["late"]
    return {tuple(report[key] for key in AGREED): report for report in reports}


class EachTest(unittest.TestCase):
    def daemon_of(self, agreements=EACH, **more):
        self.daemon = Daemon(self, agreements, **more)
        return self.daemon

    def post(self, events, size=37):
        for i in range(0, len(events), size):
            answer = self.daemon.post(b"".join(line_of(event) for event in events[i : i + size]))
            self.assertEqual(200, answer.status, answer)

    def reports(self, query=""):
        answer = self.daemon.get(f"/v1/reports{query}")
        self.assertEqual(200, answer.status, answer)
        return answer.json()["reports"]

    def at(self, instant):
        return by_series(self.reports(f"?at={instant}"))

    def test_a_customer_has_figures_from_its_first_event_on(self):
        self.daemon_of()
        self.assertEqual([("pooled", None, "availability")], list(by_series(self.reports())))
        self.post([{"service": "checkout", "status": 200, "customer": "zed", "latency_ms": 12.5}])
        self.post([{"service": "checkout", "status": 500, "customer": "acme"}, {"service": "checkout", "status": 200}])
        found = by_series(self.reports())
        self.assertEqual(
            [("pooled", None, "availability")]
            + [("all-customers", name, what) for name in ("acme", "zed") for what in OBJECTIVES],
            list(found),
        )
        self.assertEqual((2, 1), self.counts(found[("pooled", None, "availability")]))
        self.assertEqual((1, 0), self.counts(found[("all-customers", "zed", "availability")]))
        self.assertEqual((0, 1), self.counts(found[("all-customers", "acme", "availability")]))
        self.assertEqual("12.5", found[("all-customers", "zed", "availability")]["latency_ms"]["p999"])
        self.assertIsNone(found[("all-customers", "acme", "availability")]["latency_ms"])
        only = self.reports("?customer=zed&objective=availability")
        self.assertEqual([("all-customers", "zed", "availability")], list(by_series(only)))
        self.assertEqual([], self.reports("?customer=nobody"))

    @staticmethod
    def counts(report):
        return report["counts"]["good"], report["counts"]["bad"]

    def test_metrics_carry_the_customer(self):
        self.daemon_of()
        self.post([{"service": "checkout", "status": 200, "customer": name} for name in ("acme", "zed", "acme")])
        text = self.daemon.get("/metrics").body.decode()
        for line in (
            'nines_sli_ratio{agreement="all-customers",objective="availability",customer="acme"} 1',
            'nines_events_total{agreement="all-customers",objective="availability",customer="acme",class="good"} 2',
            'nines_events_total{agreement="all-customers",objective="availability",customer="zed",class="good"} 1',
            'nines_verdict{agreement="all-customers",objective="availability",customer="zed",verdict="met"} 1',
            'nines_events_total{agreement="pooled",objective="availability",class="good"} 3',
            "nines_each_refused_total 0",
        ):
            self.assertIn(line + "\n", text)

    def test_live_restarted_reloaded_and_offline_are_the_same(self):
        now = time.time()
        events = story(support.options.seed, now)
        instant = text_of(int(now) * 10**9)[:19] + "Z"
        path = support.folder(self) / "events.ndjson"
        path.write_bytes(b"".join(map(line_of, events)))
        expected = None
        for workers in (1, 2, 4):
            self.daemon_of(arguments=["--workers", str(workers)])
            self.post(events, size=workers * 17)
            live = by_series(self.reports())
            anew = self.at(instant)
            self.assertEqual(6 * 13 + 1, len(anew))
            expected = expected or anew
            self.assertEqual(expected, anew, f"{workers} workers")
            self.assertEqual(list(expected), list(live))
            self.assert_same_counts(expected, live)
            self.daemon.restart()
            self.assert_same_counts(expected, by_series(self.reports()))
            self.assertEqual(expected, self.at(instant))
            self.reload(EACH.replace("service: search\n---\n", "service: search\n---\nservice: other\n---\n"))
            self.assert_same_counts(expected, by_series(self.reports()))
            self.post([{"service": "checkout", "status": 200, "customer": "late"}])
            self.assertEqual(6, len(self.reports("?customer=late")), "also after a reload")
            self.daemon.kill()
        for workers in (1, 3):
            offline = support.run([support.program("nines"), "evaluate", "--agreements", self.daemon.agreements,
                                   "--events", path, "--at", instant, "--workers", workers, "--json"])  # fmt: skip
            self.assertEqual(0, offline.returncode, offline.stderr)
            self.assertEqual(expected, by_series(json.loads(offline.stdout)["reports"]), f"{workers} shards")

    def assert_same_counts(self, expected, found):
        """What does not follow the clock: requests, and percentiles, of 30 days that hold all of them."""
        self.assertEqual(set(expected), set(found))
        for series, report in expected.items():
            if series[2] == "availability":
                for key in ("counts", "sli", "latency_ms", "credit"):
                    self.assertEqual(report[key], found[series][key], (series, key))

    def reload(self, agreements):
        before = self.daemon.log().count("reloaded in")
        self.daemon.agreements.write_text(agreements, encoding="utf-8")
        self.daemon.signal(signal.SIGHUP)
        eventually(lambda: self.daemon.log().count("reloaded in") > before, lambda: f"a reload: {self.daemon.log()}")

    def test_evidence_is_of_one_customer(self):
        self.daemon_of()
        self.post([{"service": "checkout", "status": 500, "customer": name} for name in ("acme", "zed", "acme")])
        path = "/v1/reports/all-customers/availability/evidence"
        self.assertEqual(400, self.daemon.get(path).status, "whose?")
        self.assertEqual(404, self.daemon.get(path + "?customer=nobody").status)
        answer = self.daemon.get(path + "?customer=acme")
        self.assertEqual(200, answer.status, answer)
        self.assertEqual(2, sum(item["count"] for item in answer.json()["items"]))

    def test_the_command_line_says_whose_figure_it_is(self):
        self.daemon_of()
        self.post([{"service": "checkout", "status": 500 if name == "zed" else 200, "customer": name} for name in ("acme", "zed")])

        def nines(*arguments):
            return support.run([support.program("nines"), *arguments, "--data", self.daemon.data])

        self.assertIn("all-customers (acme) availability", nines("report").stdout)
        only = nines("report", "--customer", "zed").stdout
        self.assertIn("all-customers (zed) availability", only)
        self.assertNotIn("acme", only)
        figure = ("all-customers", "availability")
        self.assertIn("all-customers (zed) availability 0.000000 %", nines("check", *figure).stdout, "the worst")
        self.assertIn("(acme) availability 100.000000 %", nines("check", *figure, "--customer", "acme").stdout)
        whose = nines("explain", *figure)
        self.assertEqual(1, whose.returncode)
        self.assertIn("2 customers: say whose, e.g. --customer acme", whose.stderr)
        self.assertIn("(zed) availability: 0.000000 %", nines("explain", *figure, "--customer", "zed").stdout)
        self.assertIn("for nobody", nines("explain", *figure, "--customer", "nobody").stderr)

    def test_an_incident_names_the_agreement_once(self):
        self.daemon_of()
        self.post([{"service": "checkout", "status": 200, "customer": name} for name in ("acme", "zed")])
        self.post([{"kind": "incident", "id": "i1", "service": "checkout", "state": "open"}])
        incident = self.daemon.get("/v1/incidents/i1").json()
        self.assertEqual(["all-customers", "pooled"], sorted(incident["agreements"]))

    def test_the_limit_is_told(self):
        home = support.folder(self)
        config = home / "nines.yaml"
        config.write_text("each_max: 13\n", encoding="utf-8")
        self.daemon_of(arguments=["--config", config])
        self.post([{"service": "checkout", "status": 200, "customer": f"c{i % 5}"} for i in range(50)], size=50)
        for _ in range(2):
            found = by_series(self.reports())
            self.assertEqual({None, "c0", "c1"}, {series[1] for series in found}, "two customers have six series each")
            self.assertEqual((10, 0), self.counts(found[("all-customers", "c1", "availability")]))
            self.assertEqual((50, 0), self.counts(found[("pooled", None, "availability")]))
            self.assertIn("nines_each_refused_total 30\n", self.daemon.get("/metrics").body.decode())
            self.assertEqual(30, self.daemon.get("/v1/status").json()["counters"]["each_refused"])
            self.assertIn("`each_max` is reached", self.daemon.log())
            self.daemon.restart()


if __name__ == "__main__":
    support.main()
