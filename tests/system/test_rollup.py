"""Old counts of windows leave memory (`rollup_bytes`) and change no figure: with the least memory, after a restart, with
DATA/rollup deleted, after late events, judged anew and offline the same."""

import json
import random
import shutil
import time
import unittest

import support
from support import Daemon, line_of
from traffic import text_of

SERVICES = 20
AGREEMENTS = "---\n".join(
    f"agreement: a{i}\nprovider: p\nservices: [s{i}]\nobjectives:\n"
    "  rolling: {target: 99%, over: 4d}\n"
    "  fast: {target: 90%, over: 2d, good: {latency: \"<300ms\"}}\n"
    "  month: {target: 99%, over: month}\n"
    "  slices: {method: timeslices, slice: 1m, slice_target: 95%, target: 99%, over: 3d}\n"
    for i in range(SERVICES)
)
MINUTES = 4 * 24 * 60


def story(seed, now_s):
    """A request of each service every other minute or so for four days, mostly in order of time."""
    chance = random.Random(seed)
    first = (int(now_s) // 60 - MINUTES) * 60
    events = []
    for minute in range(0, MINUTES - 5, 2):
        for i in range(SERVICES):
            ago = chance.randrange(MINUTES) if chance.randrange(50) == 0 else 0
            second = max(minute - ago, 0) * 60 + chance.randrange(120)
            events.append({
                "service": f"s{i}", "ts": text_of((first + second) * 10**9), "latency_ms": chance.randrange(1, 400),
                "status": 500 if chance.randrange(40) == 0 else 200,
            })  # fmt: skip
    return events


def by_series(reports):
    for report in reports:
        del report["counts"]["late"]
    return {(report["agreement"], report["objective"]): report for report in reports}


class RollupTest(unittest.TestCase):
    def daemon_of(self, rollup_bytes, **more):
        config = support.folder(self) / "nines.yaml"
        config.write_text(f"rollup_bytes: {rollup_bytes}\n", encoding="utf-8")
        return Daemon(self, AGREEMENTS, arguments=["--config", str(config)], **more)

    @staticmethod
    def post(daemon, events, size=4000):
        for i in range(0, len(events), size):
            answer = daemon.post(b"".join(line_of(event) for event in events[i : i + size]))
            assert answer.status == 200, answer

    def at(self, daemon, instant):
        return by_series(daemon.get(f"/v1/reports?at={instant}").json()["reports"])

    def test_figures_are_the_same_wherever_rows_are(self):
        now = time.time()
        events = story(support.options.seed, now)
        instant = text_of(int(now) * 10**9)[:19] + "Z"
        path = support.folder(self) / "events.ndjson"
        path.write_bytes(b"".join(map(line_of, events)))
        daemon = self.daemon_of("64K")
        offline = support.run([support.program("nines"), "evaluate", "--agreements", daemon.agreements,
                               "--events", path, "--at", instant, "--json"])  # fmt: skip
        self.assertEqual(0, offline.returncode, offline.stderr)
        expected = by_series(json.loads(offline.stdout)["reports"])
        self.post(daemon, events)
        daemon.at_rest()
        rollup = daemon.get("/v1/status").json()["rollup"]
        self.assertGreater(rollup["stored_bytes"], 100_000)
        self.assertLess(rollup["memory_bytes"], 400_000)
        self.assertIn('nines_rollup_bytes{where="store"}', daemon.get("/metrics").body.decode())
        self.assertEqual(expected, self.at(daemon, instant))
        self.assert_live(daemon)
        daemon.restart()
        self.assert_live(daemon)
        daemon.kill()
        shutil.rmtree(daemon.data / "rollup")
        daemon.start()
        self.assert_live(daemon)
        self.assertEqual([], list((daemon.data / "rollup").iterdir()), "files without a name")

    def assert_live(self, daemon):
        """The workers' figures are those of whoever judges the log anew for the same instant."""
        live = by_series(daemon.get("/v1/reports").json()["reports"])
        again = self.at(daemon, live[("a0", "rolling")]["at"])
        self.assertEqual(set(again), set(live))
        for series, report in again.items():
            self.assertEqual(report["counts"], live[series]["counts"], series)
            self.assertEqual(report["slices"], live[series]["slices"], series)
            self.assertEqual(report["alerts"], live[series]["alerts"], series)


if __name__ == "__main__":
    support.main()
