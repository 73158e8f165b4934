"""Agreements, events for them, and their figures counted by hand: what the tests of loss and repetition share."""

import datetime
import hashlib
from collections import Counter

from support import line_of

AGREEMENTS = """\
service: checkout
---
service: search
---
agreement: acme-checkout
provider: shop
customer: acme
services: [checkout]
objectives:
  availability: 99.9%
  fast: 99% < 300ms
---
agreement: everybody
provider: shop
services: [checkout, search]
objectives:
  availability: 99%
  minutes: {method: timeslices, slice: 1m, slice_target: 95%, target: 99%}
"""
MINUTE_NS = 60 * 10**9
STATUSES = (200,) * 36 + (204, 404, 500, 503)
LATENCIES_MS = (1, 20.5, 299.999, 300, 301, 4000)
CUSTOMERS = ("acme", "globex", None)
SPAN_MINUTES = 10  # events lie in so many minutes from the base


def text_of(ns):
    """RFC 3339 with nine digits."""
    whole = datetime.datetime.fromtimestamp(ns // 10**9, datetime.timezone.utc)
    return f"{whole:%Y-%m-%dT%H:%M:%S}.{ns % 10**9:09d}Z"


class Traffic:
    """Events that follow from (seed, producer, number) alone. They lie in ten minutes that were over long before the
    test began, so that every figure `at` their end stays the same while the test goes on."""

    def __init__(self, seed, now_s):
        self.seed = seed
        self.base_ns = (int(now_s) // 60 - 30) * MINUTE_NS
        self.at_ns = self.base_ns + (SPAN_MINUTES + 1) * MINUTE_NS

    @property
    def at(self):
        return text_of(self.at_ns)[:19] + "Z"

    def event(self, producer, number):
        digest = hashlib.blake2b(f"{self.seed} {producer} {number}".encode(), digest_size=16).digest()
        chance = digest[8:]
        event = {
            "service": "checkout" if chance[0] < 180 else "search",
            "ts": text_of(self.base_ns + int.from_bytes(digest[:8], "big") % (SPAN_MINUTES * MINUTE_NS)),
            "id": f"{producer}-{number}",
            "status": STATUSES[chance[1] % len(STATUSES)],
            "latency_ms": LATENCIES_MS[chance[2] % len(LATENCIES_MS)],
        }
        customer = CUSTOMERS[chance[3] % len(CUSTOMERS)]
        return {**event, "customer": customer} if customer else event

    def lines(self, producer, count, start=0):
        return [line_of(self.event(producer, number)) for number in range(start, start + count)]

    def events(self, producer, count, start=0):
        return [self.event(producer, number) for number in range(start, start + count)]


def figures(events):
    """Of AGREEMENTS: (agreement, objective) -> good, bad (requests, or slices)."""
    found = {name: Counter() for name in (("acme-checkout", "availability"), ("acme-checkout", "fast"))}
    found[("everybody", "availability")] = Counter()
    slices = {}
    for event in events:
        served = event["status"] < 500
        if event["service"] == "checkout" and event.get("customer") == "acme":
            found[("acme-checkout", "availability")][served] += 1
            found[("acme-checkout", "fast")][served and event["latency_ms"] < 300] += 1
        found[("everybody", "availability")][served] += 1
        slices.setdefault(event["ts"][:16], Counter())[served] += 1
    counted = {name: (count[True], count[False]) for name, count in found.items()}
    good = sum(100 * count[True] >= 95 * count.total() for count in slices.values())
    counted[("everybody", "minutes")] = (good, len(slices) - good)
    return counted


def reported(answer):
    """The same out of an answer of /v1/reports, SLI checked."""
    found = {}
    for report in answer["reports"]:
        counts = report["slices"] if report["method"] == "timeslices" else report["counts"]
        good, bad = counts["good"], counts["bad"]
        sli = report["sli"]
        if good + bad == 0:
            assert sli is None, report
        else:
            top, bottom = int(sli["numerator"]), int(sli["denominator"])
            assert top * (good + bad) == good * bottom, report
        found[(report["agreement"], report["objective"])] = (good, bad)
    return found
