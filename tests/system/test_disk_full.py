"""A full disk (RELIABILITY D-7, P6, P12): senders are told or held back, nothing acknowledged is lost, and ingest goes
on by itself when there is room again."""

import contextlib
import http.client
import json
import os
import resource
import select
import time
import unittest

import support
from support import Daemon, eventually
from traffic import AGREEMENTS, Traffic, figures, reported

DISK_BYTES = 8 << 20
BALLAST_BYTES = 3 << 20
# Small segments, so that a small disk holds several.
SEGMENTS = {"NINES_SEGMENT_BYTES": "1M", "NINES_SEGMENT_BYTES_MAX": "1M"}
BODY_EVENTS = 2000
RESUMES_S = 10
HELD = 50  # new events sent while the disk is full
HELD_BACK_S = 0.5  # a socket that takes nothing for so long has nobody who reads


class Filler:
    """Posts new events; knows which of them were acknowledged."""

    def __init__(self, daemon, traffic):
        self.daemon = daemon
        self.traffic = traffic
        self.taken = 0  # events acknowledged: 0 .. taken
        self.refused = 0  # events in bodies that were not

    def post(self, count=BODY_EVENTS):
        """The next events: True when they were taken, else the answer that refused them."""
        answer = self.daemon.post(b"".join(self.traffic.lines("fill", count, self.taken)))
        if answer.status != 200:
            self.refused += count
            return answer
        result = answer.json()
        assert (result["accepted"], result["rejected"], result["duplicates"]) == (count, 0, 0), result
        self.taken += count
        return True

    def until_full(self):
        """The answer that refuses a single event: what refuses many may have room for a few."""
        count = BODY_EVENTS
        for _ in range(2000):
            answer = self.post(count)
            if answer is not True and count == 1:
                return answer
            if answer is not True:
                count = count // 2
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
            self.check_while_full(daemon, filler)
            rest = self.push_until_held_back(stream, traffic)
            self.assertEqual(503, daemon.get("/readyz").status, "ready, and the disk is full")
            self.assertEqual(200, daemon.get("/healthz").status)
            make_room()
            stream.send([rest])
            stream.sent += self.pushed - 1
            stream.wait(timeout=RESUMES_S)
            eventually(lambda: filler.post() is True, "posts are taken again", RESUMES_S)
            eventually(lambda: daemon.get("/readyz").status == 200, "ready again", RESUMES_S)
        self.assertEqual(pid, daemon.pid)
        self.assertTrue(daemon.alive())
        events = traffic.events("fill", filler.taken) + traffic.events("early", 100) + traffic.events("held", HELD)
        counts = daemon.at_rest()
        self.assertEqual(len(events), counts["stored"], "each event that was acknowledged is stored, once")
        self.assertEqual(filler.refused, counts["shed"]["storage_full"])
        self.assertEqual(self.pushed, counts["duplicate"])
        self.assertEqual(figures(events), reported(daemon.reports()))
        before = daemon.reports(at=traffic.at)
        self.assertEqual(figures(events), reported(before))
        daemon.restart()
        self.assertEqual(before, daemon.reports(at=traffic.at))

    def check_while_full(self, daemon, filler):
        """It lives, and answers from what it has."""
        counts = daemon.status()["conservation"]
        self.assertEqual(filler.taken + 100, counts["stored"])
        # What was shed last is on its way to its counter for as long as no counter can be written.
        self.assertEqual(filler.refused, counts["shed"].get("storage_full", 0) + counts["in_flight"])
        requests = daemon.report("everybody", "availability")["counts"]
        self.assertEqual(counts["stored"], requests["good"] + requests["bad"])

    def push_until_held_back(self, stream, traffic):
        """New lines, then known ones (which will need no room) until neither the engine nor the kernel takes more. None
        of them is acknowledged. The rest of the last lines is for later."""
        durable = stream.look()
        stream.send(traffic.lines("held", HELD))
        known = b"".join(traffic.lines("early", 100)) * 40
        body = memoryview(known)
        self.pushed = 4000
        stream.socket.setblocking(False)
        deadline = time.monotonic() + support.TIMEOUT_S
        while time.monotonic() < deadline:
            try:
                body = body[stream.socket.send(body) :]
            except BlockingIOError:
                if not select.select([], [stream.socket], [], HELD_BACK_S)[1]:
                    break
            if not body:
                body = memoryview(known)
                self.pushed += 4000
        else:
            self.fail("a sender is never held back")
        self.assertEqual(durable, stream.look(), "acknowledged with a full disk")
        stream.socket.settimeout(support.TIMEOUT_S)
        return bytes(body)


class TmpfsTest(FullTest, unittest.TestCase):
    """A small disk of its own. Needs root, to mount it."""

    def mount(self):
        if os.geteuid() != 0:
            self.skipTest("mounting a small tmpfs needs root")
        place = support.folder(self) / "disk"
        place.mkdir()
        done = support.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES},mode=0700", "nines-test", place])
        if done.returncode != 0:
            self.skipTest(f"cannot mount a tmpfs: {done.stderr.strip()}")
        self.addCleanup(support.run, ["umount", "-l", place])
        self.ballast = place / "ballast"
        with open(self.ballast, "wb") as out:
            os.posix_fallocate(out.fileno(), 0, BALLAST_BYTES)
        return place

    def test_senders_are_told_or_held_back_and_go_on_when_there_is_room(self):
        place = self.mount()
        daemon = Daemon(self, AGREEMENTS, data=place / "data", env=SEGMENTS)
        self.check(daemon, self.ballast.unlink)

    def test_what_was_acknowledged_survives_a_kill_on_the_full_disk(self):
        place = self.mount()
        daemon = Daemon(self, AGREEMENTS, data=place / "data", env=SEGMENTS)
        traffic = Traffic(support.options.seed, time.time())
        filler = Filler(daemon, traffic)
        self.assertEqual(503, filler.until_full().status)
        daemon.kill()
        # With the disk still full it either starts or says why not; never by a signal.
        daemon.launch()
        path = daemon.data / "endpoints.json"

        def settled():
            with contextlib.suppress(OSError, ValueError):
                if json.loads(path.read_bytes())["pid"] == daemon.pid:
                    return True
            return daemon.process.poll() is not None

        eventually(settled, lambda: f"it starts or ends: {daemon.log()}")
        if daemon.alive():
            daemon.kill()
        else:
            self.assertIn(daemon.wait(), (74, 75), daemon.log())
        self.ballast.unlink()
        daemon.start()
        self.assertGreaterEqual(daemon.at_rest()["stored"], filler.taken)
        self.assertTrue(filler.post() is True, "posts are taken again")
        self.assertEqual(filler.taken, daemon.at_rest()["stored"], "each is stored once")
        self.assertEqual(figures(traffic.events("fill", filler.taken)), reported(daemon.reports()))


class FileLimitTest(unittest.TestCase):
    """ulimit -f: the file system has room, the process may not use it. The signal for it must not end the process."""

    def setUp(self):
        self.traffic = Traffic(support.options.seed, time.time())

    def limited(self, size):
        return {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))}

    def test_a_limit_below_the_first_segment_is_named_at_the_start(self):
        done = support.run(
            [support.program("ninesd"), "--data", support.folder(self) / "data", "--listen", "tcp://127.0.0.1:0",
             "--http", "127.0.0.1:0"], env=SEGMENTS, **self.limited(1 << 19),
        )  # fmt: skip
        self.assertEqual(74, done.returncode, done.stderr)
        self.assertIn("data.mdb", done.stderr)

    def test_segments_stay_below_the_limit_and_ingest_goes_on(self):
        daemon = Daemon(self, AGREEMENTS, env={**SEGMENTS, "NINES_SEGMENT_BYTES_MAX": "1G"})
        before = resource.prlimit(daemon.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(daemon.pid, resource.RLIMIT_FSIZE, (3 << 19, before[1]))
        filler = Filler(daemon, self.traffic)
        while daemon.status()["segments"]["count"] < 3:
            self.assertTrue(filler.post() is True, "posts are taken")
        self.check_all_is_there(daemon, filler)

    def test_a_limit_that_falls_below_the_open_segment_gives_no_false_acknowledgement(self):
        """A write that is refused whole is a full disk; one that is cut short is a failed commit: fail-stop (P9)."""
        for more in (0, 2048):
            with self.subTest(f"{more} bytes of room"):
                self.limit_the_open_segment(more)

    def limit_the_open_segment(self, room):
        daemon = Daemon(self, AGREEMENTS, env=SEGMENTS)
        filler = Filler(daemon, self.traffic)
        self.assertTrue(filler.post() is True)
        before = resource.prlimit(daemon.pid, resource.RLIMIT_FSIZE)
        size = max(path.stat().st_size for path in daemon.data.glob("segments/*/data.mdb"))
        resource.prlimit(daemon.pid, resource.RLIMIT_FSIZE, (size + room, before[1]))
        answer = True
        with contextlib.suppress(OSError, http.client.HTTPException):
            while answer is True:
                answer = filler.post()
            self.assertEqual(503, answer.status)
            if room == 0:
                resource.prlimit(daemon.pid, resource.RLIMIT_FSIZE, before)
        eventually(lambda: not daemon.alive() or self.posts_again(filler), "it ends, or goes on", RESUMES_S)
        if not daemon.alive():
            self.assertEqual(74, daemon.wait(), daemon.log())
            daemon.start()
        stored = daemon.at_rest()["stored"]
        self.assertIn(stored, (filler.taken, filler.taken + BODY_EVENTS), "the last body whole, or not at all")

    def posts_again(self, filler):
        with contextlib.suppress(OSError, http.client.HTTPException):
            return filler.post() is True
        return False

    def check_all_is_there(self, daemon, filler):
        daemon.restart()
        self.assertEqual(filler.taken, daemon.at_rest()["stored"])
        self.assertEqual(figures(self.traffic.events("fill", filler.taken)), reported(daemon.reports()))


if __name__ == "__main__":
    support.main()
