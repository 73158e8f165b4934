"""The same 3,000 events over every road give the same report, byte for byte, with any number of workers (P7, E-3)."""

import json
import random
import time
import unittest

import support
from support import Daemon, in_chunks, line_of, socket_to
from traffic import AGREEMENTS, MINUTE_NS, Traffic, text_of

EVENTS = 3000
WORKERS = (1, 2, 4)
MORE_AGREEMENTS = """\
---
agreement: uptime
provider: shop
services: [checkout]
objectives:
  up: {method: uptime, target: 99.9%}
  up-critical: {method: uptime, target: 99.9%, severity: critical}
---
agreement: sharp
provider: shop
services: [search]
objectives:
  availability: {method: occurrences, target: 99.99%, over: 1d}
  slices: {method: timeslices, slice: 5m, slice_target: 90%, target: 99%, over: 7d}
---
maintenance: planned
services: [search]
start: MAINTENANCE_START
end: MAINTENANCE_END
"""


def mixed_events(traffic, seed):
    """Requests of all forms, and now and then something else; each has its time."""
    chance = random.Random(seed)
    records = traffic.events("path", EVENTS)
    for number in range(0, EVENTS, 7):
        record = records[number]
        extra = chance.choice((
            {"count": chance.randrange(1, 50)}, {"outcome": "bad"}, {"outcome": "good"}, {"outcome": "excluded"},
            {"scope": "out"}, {"good": 3, "total": 5, "outcome": None}, {"end_user": "jane", "channel": "phone"},
        ))  # fmt: skip
        record.update(extra)
        if record.get("outcome", "") is None:
            del record["outcome"]
    severities = ("critical", "major", "minor")
    for number in range(40):
        when = traffic.base_ns + chance.randrange(8 * MINUTE_NS)
        opened = {
            "kind": "incident", "id": f"INC-{number}", "service": chance.choice(("checkout", "search")),
            "state": "open", "severity": chance.choice(severities), "ts": text_of(when),
        }  # fmt: skip
        closed = {**opened, "state": "resolved", "ts": text_of(when + chance.randrange(1, MINUTE_NS))}
        for record in (opened, closed):
            records[chance.randrange(EVENTS)] = record
    return records


def syslog(line, number):
    """Half of them RFC 5424, half 3164."""
    new = b"<134>1 2026-01-02T03:04:05.678901+01:00 web-1 app 77 - - "
    old = b"<134>Jan  2 03:04:05 web-1 app[77]: "
    return (new if number % 2 else old) + line.rstrip(b"\n")


def counted(message):
    return b"%d %s" % (len(message), message)


class Roads:
    """One method a road: all lines through it."""

    def __init__(self, daemon, lines):
        self.daemon = daemon
        self.lines = lines

    def stream(self, kind, data):
        with socket_to(self.daemon.url(kind)) as stream:
            for part in in_chunks(data, 10000):
                stream.sendall(part)
            stream.shutdown(1)  # SHUT_WR
            assert stream.recv(1) == b"", "nothing is written to a stream that did not ask"

    def datagrams(self, kind, messages):
        """A few at a time, each time until they arrived: UDP has no other way to hold a sender back."""
        with socket_to(self.daemon.url(kind)) as out:
            sent = 0
            for part in in_chunks(messages, 250):
                for message in part:
                    out.send(message)
                sent += len(part)
                self.daemon.at_rest(sent)

    def tcp_ndjson(self):
        self.stream("tcp", b"".join(self.lines))

    def tcp_acknowledged(self):
        with self.daemon.acks() as stream:
            for part in in_chunks(self.lines, 170):
                stream.send(part)
            stream.half_close()
            stream.wait()

    def udp(self):
        self.datagrams("udp", self.lines)

    def unix_stream(self):
        self.stream("unix", b"".join(self.lines))

    def unix_datagram(self):
        self.datagrams("unixgram", [line.rstrip(b"\n") for line in self.lines])

    def http_array(self):
        for part in in_chunks(self.lines, 400):
            self.post(b"[" + b",".join(part) + b"]", len(part))

    def http_ndjson(self):
        for part in in_chunks(self.lines, 700):
            self.post(b"".join(part), len(part))

    def http_concatenated(self):
        self.post(b"".join(line.rstrip(b"\n") for line in self.lines), len(self.lines))

    def http_gzip(self):
        self.post(support.gzipped(b"".join(self.lines)), len(self.lines), {"Content-Encoding": "gzip"})

    def syslog_lf(self):
        self.stream("tcp", b"".join(syslog(line, number) + b"\n" for number, line in enumerate(self.lines)))

    def syslog_octets(self):
        self.stream("tcp", b"".join(counted(syslog(line, number)) for number, line in enumerate(self.lines)))

    def syslog_octets_with_lf(self):
        self.stream("tcp", b"".join(counted(syslog(line, number) + b"\n") for number, line in enumerate(self.lines)))

    def syslog_udp(self):
        self.datagrams("udp", [syslog(line, number) for number, line in enumerate(self.lines)])

    def post(self, body, count, headers=None):
        answer = self.daemon.post(body, headers)
        assert answer.status == 200, repr(answer)
        result = answer.json()
        assert result["rejected"] == 0 and result["accepted"] + result["duplicates"] == count, result


ROADS = [name for name in vars(Roads) if not name.startswith("_") and name not in ("stream", "datagrams", "post")]


class PathsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        traffic = Traffic(support.options.seed, time.time())
        cls.at = traffic.at
        cls.records = mixed_events(traffic, support.options.seed)
        cls.lines = [line_of(record) for record in cls.records]
        times = {
            "MAINTENANCE_START": text_of(traffic.base_ns + 2 * MINUTE_NS),
            "MAINTENANCE_END": text_of(traffic.base_ns + 4 * MINUTE_NS),
        }
        cls.agreements = AGREEMENTS + MORE_AGREEMENTS
        for name, value in times.items():
            cls.agreements = cls.agreements.replace(name, value)
        cls.reference = None

    def judge(self, road, workers):
        daemon = Daemon(
            self, self.agreements, listen=("tcp", "udp", "unix", "unixgram"), arguments=["--workers", str(workers)]
        )
        getattr(Roads(daemon, self.lines), road)()
        counts = daemon.at_rest(EVENTS)
        self.assertEqual({}, {reason: count for reason, count in counts["rejected"].items() if count}, "rejected")
        told = counts["stored"], counts["duplicate"], daemon.reports(at=self.at), self.lasting(daemon.reports())
        self.assertEqual(0, daemon.terminate())
        return told

    @staticmethod
    def lasting(answer):
        """What the workers themselves hold, without what changes with the time of asking."""
        kept = ("agreement", "objective", "counts", "slices")
        return [
            {**{name: report[name] for name in kept}, "incidents": report["incidents"]["count"]}
            for report in answer["reports"]
        ]

    def compare(self, road, workers):
        told = self.judge(road, workers)
        if PathsTest.reference is None:
            PathsTest.reference = told
            bad = sum(report["counts"]["bad"] for report in told[2]["reports"] if report["counts"])
            self.assertGreater(bad, 100, "the events would show no difference")
        for wanted, got in zip(PathsTest.reference, told):
            self.assertEqual(json.dumps(wanted, indent=1), json.dumps(got, indent=1))


def fact(road, workers):
    def test(self):
        self.compare(road, workers)

    return test


for index, name in enumerate(ROADS):
    # Every road once; the plain one with every number of workers.
    for number in WORKERS if name == "tcp_ndjson" else (WORKERS[index % len(WORKERS)],):
        setattr(PathsTest, f"test_{name}_with_{number}_workers_gives_the_same_report", fact(name, number))


if __name__ == "__main__":
    support.main()
