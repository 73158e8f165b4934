"""The engine's own downtime (SEMANTICS sections 8 and 10) of a real daemon: on record, a gap in coverage, the same for
every replay, and no event."""

import datetime
import json
import time
import unittest

import support
from support import Daemon, eventually, line_of, program, run

AGREEMENTS = """\
agreement: shop
provider: shop
services: [checkout]
over: 1h
objectives:
  availability: 99%
  up: {method: uptime, target: 99%}
"""
BEAT_S = 1  # a killed engine was alive at most so long after its last sign


def instant(text):
    """Nanoseconds of an RFC 3339 time."""
    whole, _, fraction = text.rstrip("Z").partition(".")
    seconds = datetime.datetime.fromisoformat(whole + "+00:00").timestamp()
    return int(seconds) * 10**9 + int(fraction.ljust(9, "0") or 0)


class EngineDownTest(unittest.TestCase):
    def daemon(self, **more):
        daemon = Daemon(self, AGREEMENTS, **more)
        answer = daemon.post(b"".join(line_of({"service": "checkout", "status": 200}) for _ in range(5)))
        self.assertEqual(200, answer.status, answer)
        return daemon

    def down(self, daemon):
        return daemon.status()["engine_down"]

    def restart(self, daemon, kill, pause_s=0.3):
        """When it ended and began again, as we saw it."""
        ended = time.time_ns()
        if kill:
            daemon.kill()
        else:
            self.assertEqual(0, daemon.terminate())
        time.sleep(pause_s)  # not a wait: the downtime itself
        daemon.start()
        return ended, time.time_ns()

    def evidence(self, daemon, objective, at):
        answer = daemon.get(f"/v1/reports/shop/{objective}/evidence?at={at}")
        self.assertEqual(200, answer.status, answer)
        return [item for item in answer.json()["items"] if item["type"] == "engine_down"]

    def check_figures(self, daemon):
        """Coverage, unknown time and evidence are the downtime to the nanosecond; position and counters know nothing."""
        down = self.down(daemon)
        at = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        up = daemon.report("shop", "up", at=at)
        self.assertEqual(down["ns"], up["time"]["unknown_ns"])
        self.assertEqual("100.000000", up["sli"]["percent"])
        for objective in ("up", "availability"):
            report = daemon.report("shop", objective, at=at)
            self.assertLess(float(report["coverage_percent"]), 100)
            items = self.evidence(daemon, objective, at)
            lengths = [instant(item["end"]) - instant(item["start"]) for item in items]
            self.assertEqual((down["count"], int(down["ns"])), (len(lengths), sum(lengths)))
        self.assertEqual(5, daemon.reports()["position"])
        self.assertEqual(5, daemon.at_rest()["stored"])
        return at

    def test_the_first_start_was_no_downtime(self):
        daemon = self.daemon()
        self.assertEqual({"count": 0, "ns": "0", "last": None}, self.down(daemon))
        self.assertEqual("100.000000", daemon.report("shop", "availability")["coverage_percent"])

    def test_a_stop_and_a_kill_are_on_record(self):
        daemon = self.daemon()
        for count, kill in enumerate((False, True, True, False), start=1):
            ended, began = self.restart(daemon, kill)
            down = self.down(daemon)
            self.assertEqual(count, down["count"])
            start, end = instant(down["last"]["start"]), instant(down["last"]["end"])
            slack = BEAT_S * 1.5e9 if kill else 0
            self.assertTrue(ended - slack <= start <= end <= began, f"{ended} {down} {began}")
            self.assertGreaterEqual(end - start, 300_000_000)
        self.check_figures(daemon)

    def test_an_idle_engine_was_there(self):
        daemon = self.daemon()
        first = (daemon.data / "alive").read_bytes()
        eventually(lambda: (daemon.data / "alive").read_bytes() != first, "a beat")
        ended, _ = self.restart(daemon, kill=True)
        self.assertGreater(instant(self.down(daemon)["last"]["start"]), ended - BEAT_S * 1.5e9)

    def test_without_the_sign_of_life_the_log_tells(self):
        daemon = self.daemon()
        received = self.dump(daemon)[-1]["received"]
        daemon.kill()
        (daemon.data / "alive").write_bytes(b"torn")
        daemon.start()
        self.assertEqual(received, self.down(daemon)["last"]["start"])

    def test_a_start_that_fails_is_part_of_one_downtime(self):
        daemon = self.daemon()
        self.assertEqual(0, daemon.terminate())
        done = run([program("ninesd"), "--data", daemon.data, "--listen", "tcp://203.0.113.1:1", "--http", "127.0.0.1:0"])
        self.assertNotEqual(0, done.returncode)
        daemon.start()
        self.assertEqual(1, self.down(daemon)["count"])
        self.check_figures(daemon)

    def test_the_same_after_every_replay_reload_and_offline(self):
        daemon = self.daemon()
        self.restart(daemon, kill=True)
        at = self.check_figures(daemon)
        wanted = daemon.reports(at=at)
        daemon.signal(support.signal.SIGHUP)
        eventually(lambda: "reloaded in" in daemon.log(), "the reload")
        self.assertEqual(wanted, daemon.reports(at=at), "after a reload")
        for workers in (1, 2, 4):
            daemon.arguments = ["--workers", str(workers)]
            self.restart(daemon, kill=workers != 2, pause_s=0)
            self.assertEqual(wanted, daemon.reports(at=at), f"{workers} workers")
        self.check_offline(daemon, at, wanted)

    def dump(self, daemon, what="dump"):
        done = run([program("nines"), "store", what, daemon.data])
        self.assertEqual(0, done.returncode, done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def check_offline(self, daemon, at, wanted):
        events = daemon.home / "events"
        lines = self.dump(daemon) + self.dump(daemon, "engine-down")
        events.write_bytes(b"".join(line_of(line) for line in lines))
        done = run([
            program("nines"), "evaluate", "--agreements", daemon.agreements, "--events", events, "--at", at, "--json",
        ])  # fmt: skip
        self.assertEqual(0, done.returncode, done.stderr)
        found = json.loads(done.stdout)
        for ours, theirs in zip(found["reports"], wanted["reports"], strict=True):
            self.assertEqual(theirs, ours)

    def test_published_figures_know_it_before_anything_arrives(self):
        daemon = self.daemon()
        self.restart(daemon, kill=False, pause_s=2.5)
        text = daemon.get("/metrics").body.decode()
        values = [float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith("nines_coverage_ratio{")]
        self.assertEqual(2, len(values))
        for value in values:
            self.assertTrue(0.99 < value < 1 - 2.5 / 3660, value)
        total = [line for line in text.splitlines() if line.startswith("nines_engine_down_seconds_total ")]
        self.assertGreater(float(total[0].split()[1]), 2.5)

    def test_coverage_comes_back_by_time_alone(self):
        """What is published says so, too, although nothing arrives and nobody asks for a report."""
        began = datetime.datetime.now(datetime.UTC) - datetime.timedelta(seconds=10)
        text = f"""agreement: shop
provider: shop
services: [checkout]
term: {{from: {began.strftime("%Y-%m-%dT%H:%M:%SZ")}}}
objectives: {{availability: {{target: 99%, over: term, alerts: none}}}}
"""
        daemon = Daemon(self, text)
        daemon.post(line_of({"service": "checkout", "status": 200}))

        def verdict():
            lines = daemon.get("/metrics").body.decode().splitlines()
            return [line.split('verdict="')[1].split('"')[0] for line in lines
                    if line.startswith("nines_verdict{") and line.endswith(" 1")]  # fmt: skip

        self.restart(daemon, kill=False, pause_s=1.6)
        self.assertEqual(["unknown"], verdict())
        eventually(lambda: verdict() == ["met"], "a tenth of the term")

    def test_no_sender_can_say_so(self):
        daemon = self.daemon()
        answer = daemon.post(line_of({"kind": "engine_down", "start": 1000, "end": 2000}))
        self.assertEqual(422, answer.status, answer)
        self.assertEqual(0, self.down(daemon)["count"])


if __name__ == "__main__":
    support.main()
