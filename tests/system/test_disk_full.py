"""A full disk (RELIABILITY D-7, P6, P12): senders are told or held back, nothing acknowledged is lost, and ingest goes on
by itself when there is room again."""

import contextlib
import os
import resource
import socket
import subprocess
import time
import unittest

import support
from support import Daemon, eventually, line_of
from traffic import AGREEMENTS, Traffic, figures, reported

DISK_BYTES = 8 << 20
BALLAST_BYTES = 3 << 20
# Small segments, so that a small disk holds several.
SEGMENTS = {"NINES_SEGMENT_BYTES": "1M", "NINES_SEGMENT_BYTES_MAX": "1M"}
BODY_EVENTS = 2000
RESUMES_S = 10


class Filler:
    """Posts new events; knows which of them were acknowledged."""

    def __init__(self, daemon, traffic):
        self.daemon = daemon
        self.traffic = traffic
        self.taken = 0  # events acknowledged: 0 .. taken

    def post(self):
        """The next events: True when they were taken, else the answer that refused them."""
        answer = self.daemon.post(b"".join(self.traffic.lines("fill", BODY_EVENTS, self.taken)))
        if answer.status != 200:
            return answer
        result = answer.json()
        # Of a body that was refused before a part may be there: it is a duplicate then.
        assert result["accepted"] + result["duplicates"] == BODY_EVENTS and result["rejected"] == 0, result
        self.taken += BODY_EVENTS
        return True

    def until_full(self):
        """The answer that says so."""
        for _ in range(2000):
            answer = self.post()
            if answer is not True:
                return answer
        raise AssertionError(f"still not full after {self.taken} events")


class FullTest:
    """What holds however the disk got full; `make_room` ends it."""

    def check(self, daemon, make_room):
        traffic = Traffic(support.options.seed, time.time())
        filler = Filler(daemon, traffic)
        pid = daemon.pid
        with daemon.acks() as stream:
            stream.send(traffic.lines("early", 100))
            stream.wait()
            answer = filler.until_full()
            self.assertEqual(503, answer.status, repr(answer))
            self.assertGreaterEqual(int(answer.headers["Retry-After"]), 1)
            self.assertIn("json", answer.headers["Content-Type"])
            self.check_while_full(daemon, traffic, filler)
            held = self.push_until_held_back(stream, traffic)
            self.assertEqual(503, daemon.get("/readyz").status, "ready, and the disk is full")
            self.assertEqual(200, daemon.get("/healthz").status)
            make_room()
            began = time.monotonic()
            stream.wait()
            eventually(lambda: filler.post() is True, "posts are taken again", RESUMES_S)
            self.assertLess(time.monotonic() - began, RESUMES_S)
            eventually(lambda: daemon.get("/readyz").status == 200, "ready again", RESUMES_S)
        self.assertEqual(pid, daemon.pid)
        self.assertTrue(daemon.alive())
        events = traffic.events("fill", filler.taken) + traffic.events("early", 100) + traffic.events("held", held)
        counts = daemon.at_rest()
        self.assertEqual(len(events), counts["stored"], "each event that was acknowledged is stored, once")
        self.assertGreater(counts["shed"]["storage_full"], 0)
        self.assertEqual(figures(events), reported(daemon.reports()))
        before = daemon.reports(at=traffic.at)
        self.assertEqual(figures(events), reported(before))
        daemon.restart()
        self.assertEqual(before, daemon.reports(at=traffic.at))

    def check_while_full(self, daemon, traffic, filler):
        """It lives, and answers from what it has. A body may have been stored in part before the disk was full, so
        that there is at least what was acknowledged."""
        counts = daemon.at_rest()
        self.assertGreaterEqual(counts["stored"], filler.taken + 100)
        self.assertLess(counts["stored"], filler.taken + 100 + BODY_EVENTS)
        self.assertGreater(counts["shed"]["storage_full"], 0)
        requests = daemon.report("everybody", "availability")["counts"]
        self.assertEqual(counts["stored"], requests["good"] + requests["bad"])

    def push_until_held_back(self, stream, traffic):
        """Lines until neither the engine nor the kernel takes more; how many. None of them is acknowledged."""
        durable = stream.look()
        stream.socket.setblocking(False)
        number = 0
        body = memoryview(b"".join(traffic.lines("held", 4000)))
        deadline = time.monotonic() + support.TIMEOUT_S
        while time.monotonic() < deadline:
            try:
                sent = stream.socket.send(body)
            except BlockingIOError:
                # Held back when the socket stays full: nothing reads it any more.
                writable = support.select.select([], [stream.socket], [], 0.3)[1]
                if not writable:
                    break
                continue
            body = body[sent:]
            if not body:
                number += 4000
                body = memoryview(b"".join(traffic.lines("held", 4000, number)))
        else:
            self.fail("a sender is never held back")
        self.assertEqual(durable, stream.look(), "acknowledged with a full disk")
        # What is left of the last lines must follow later, with the rest of the stream.
        stream.socket.setblocking(True)
        stream.socket.settimeout(support.TIMEOUT_S)
        self.rest = body
        return number + 4000


if __name__ == "__main__":
    support.main()
