"""SIGKILL at any moment: what was acknowledged is there, once (RELIABILITY D-3, P1, P3, P7).

One data folder lives through all rounds. In each, producers on TCP (acknowledged streams) and HTTP send until the kill;
what was not acknowledged they send again in the next round with the same ids. One producer of each round is deaf: it
never sees an acknowledgement and repeats everything. After some rounds a second kill meets the start.

    python3 tests/system/test_kill.py --rounds 200 --seed 42
"""

import http.client
import json
import random
import threading
import time
import unittest
from collections import Counter

import support
from support import AckStream, Daemon, in_chunks, line_of
from traffic import AGREEMENTS, Traffic, figures, reported

KILL_S = (0.002, 0.080)  # after the load has begun
PENDING_MAX = 4000


class Producer(threading.Thread):
    """One round of one sender. `unsure` goes in as what an earlier round left and comes out as what this one leaves."""

    def __init__(self, traffic, daemon, ledger, deaf, stop, started):
        super().__init__(daemon=True)
        self.traffic = traffic
        self.target = daemon.url("tcp"), daemon.http_address
        self.ledger = ledger
        self.deaf = deaf
        self.stop = stop
        self.started = started
        self.error = None

    def run(self):
        try:
            self.send()
        except Exception as error:  # told by the test's thread
            self.error = error
        finally:
            self.started.set()


class Ledger:
    """What one producer knows over all rounds."""

    def __init__(self, name):
        self.name = name
        self.made = 0
        self.unsure = []  # numbers sent, not acknowledged
        self.known = set()  # acknowledged

    def next(self, again, count):
        """So many numbers to send now: first those to be repeated, then new ones."""
        numbers = [again.pop() for _ in range(min(count, len(again)))]
        fresh = count - len(numbers)
        numbers += range(self.made, self.made + fresh)
        self.made += fresh
        return numbers

    def lines(self, traffic, numbers):
        return [line_of(traffic.event(self.name, number)) for number in numbers]


class StreamProducer(Producer):
    """Lines without end over TCP; acknowledged is what `durable` covers."""

    def send(self):
        ledger = self.ledger
        again = ledger.unsure[::-1]
        sent = []
        durable = 0
        stream = None
        try:
            stream = AckStream(self.target[0])
            while not self.stop.is_set():
                if len(sent) - stream.durable < PENDING_MAX:
                    numbers = ledger.next(again, 40)
                    sent += numbers
                    stream.send(ledger.lines(self.traffic, numbers))
                self.started.set()
                stream.look(0 if len(sent) - stream.durable < PENDING_MAX else 0.005)
        except OSError:
            pass
        if stream is not None:
            durable = 0 if self.deaf else stream.drain()
            stream.close()
        ledger.known.update(sent[:durable])
        ledger.unsure = sent[durable:] + again[::-1]


class PostProducer(Producer):
    """Bodies over HTTP, as NDJSON, arrays and gzip in turn; acknowledged is what a 200 answers."""

    def send(self):
        ledger = self.ledger
        again = ledger.unsure[::-1]
        numbers = []
        connection = http.client.HTTPConnection(*self.target[1], timeout=support.TIMEOUT_S)
        try:
            for turn in range(10**9):
                if self.stop.is_set():
                    break
                numbers = numbers or ledger.next(again, 25)
                if self.post(connection, turn, ledger.lines(self.traffic, numbers)) and not self.deaf:
                    ledger.known.update(numbers)
                    numbers = []
                elif self.deaf:
                    again[:0] = numbers  # later, in the next round
                    numbers = []
                self.started.set()
        except (OSError, http.client.HTTPException):
            pass
        finally:
            connection.close()
        ledger.unsure = numbers + again[::-1]

    def post(self, connection, turn, lines):
        bodies = (
            lambda: (b"".join(lines), {}),
            lambda: (b"[" + b",".join(lines) + b"]", {}),
            lambda: (support.gzipped(b"".join(lines)), {"Content-Encoding": "gzip"}),
        )
        body, headers = bodies[turn % 3]()
        connection.request("POST", "/v1/events", body, headers)
        answer = connection.getresponse()
        text = answer.read()
        if answer.status == 503:
            return False
        if answer.status != 200:
            raise AssertionError(f"POST /v1/events: {answer.status} {text[:500]!r}")
        result = json.loads(text)
        if result["accepted"] + result["duplicates"] != len(lines) or result["rejected"] != 0:
            raise AssertionError(f"{len(lines)} lines: {result}")
        return True


class KillTest(unittest.TestCase):
    def setUp(self):
        self.random = random.Random(support.options.seed)
        self.traffic = Traffic(support.options.seed, time.time())
        self.met = Counter()

    def test_what_was_acknowledged_survives_every_kill_exactly_once(self):
        names = {"tcp-a": StreamProducer, "tcp-b": StreamProducer, "http-a": PostProducer, "http-b": PostProducer}
        self.ledgers = [(kind, Ledger(name)) for name, kind in names.items()]
        daemon = Daemon(self, AGREEMENTS)
        slowest_s = 0.0
        for number in range(support.options.rounds):
            self.play(daemon, deaf=number % 4)
            if number % 10 == 9:
                self.kill_at_the_start(daemon)
            daemon.start()
            slowest_s = max(slowest_s, daemon.start_s)
            self.check_after_a_kill(daemon)
        self.send_the_rest(daemon)
        self.check_the_end(daemon)
        print(f"\n{dict(self.met)}; slowest start {slowest_s:.3f} s; {self.made()} events", flush=True)
        for met in ("killed in the load", "acknowledged", "unsure", "repeated in vain"):
            self.assertGreater(self.met[met], 0, f"no case of: {met}")

    def made(self):
        return sum(ledger.made for _, ledger in self.ledgers)

    def play(self, daemon, deaf):
        """Load, and a kill into it."""
        stop = threading.Event()
        producers = []
        for index, (kind, ledger) in enumerate(self.ledgers):
            started = threading.Event()
            producers.append(kind(self.traffic, daemon, ledger, index == deaf, stop, started))
        known = sum(len(ledger.known) for _, ledger in self.ledgers)
        for producer in producers:
            producer.start()
        self.random.choice(producers).started.wait(support.TIMEOUT_S)
        time.sleep(self.random.uniform(*KILL_S))  # not a wait: the moment of the kill
        daemon.kill()
        stop.set()
        for producer in producers:
            producer.join(2 * support.TIMEOUT_S)
            self.assertFalse(producer.is_alive(), "a producer hangs")
            if producer.error is not None:
                raise producer.error
        self.met["killed in the load"] += 1
        self.met["acknowledged"] += sum(len(ledger.known) for _, ledger in self.ledgers) - known
        self.met["unsure"] += sum(len(ledger.unsure) for _, ledger in self.ledgers)

    def kill_at_the_start(self, daemon):
        """While it verifies, reads its log or opens its ports."""
        daemon.launch()
        time.sleep(self.random.uniform(0, 0.03))  # not a wait: the moment of the kill
        daemon.kill()
        self.met["killed at the start"] += 1

    def check_after_a_kill(self, daemon):
        counts = daemon.at_rest()
        known = sum(len(ledger.known) for _, ledger in self.ledgers)
        self.assertLessEqual(known, counts["stored"], "acknowledged and not stored")
        self.assertLessEqual(counts["stored"], self.made(), "more stored than was ever sent")
        self.assertEqual({}, {name: n for name, n in counts["rejected"].items() if n}, "rejected")

    def send_the_rest(self, daemon):
        """Everything unsure once more, now without a kill."""
        for _, ledger in self.ledgers:
            with daemon.acks() as stream:
                for numbers in in_chunks(ledger.unsure, 1000):
                    stream.send(ledger.lines(self.traffic, numbers))
                    stream.wait()
            ledger.known.update(ledger.unsure)

    def check_the_end(self, daemon):
        counts = daemon.at_rest()
        self.met["repeated in vain"] = counts["duplicate"]
        self.assertEqual(self.made(), sum(len(ledger.known) for _, ledger in self.ledgers))
        self.assertEqual(self.made(), counts["stored"], "each event is stored once")
        events = [event for _, ledger in self.ledgers for event in self.traffic.events(ledger.name, ledger.made)]
        wanted = figures(events)
        self.assertEqual(wanted, reported(daemon.reports()), "the figures now")
        before = daemon.reports(at=self.traffic.at)
        self.assertEqual(wanted, reported(before), "the figures at the end of the events")
        self.assertEqual(0, daemon.terminate())
        self.check_the_dump(daemon, events)
        daemon.start()
        self.assertEqual(before, daemon.reports(at=self.traffic.at), "the same report after a restart")
        self.assertEqual(wanted, reported(daemon.reports()), "the figures after a restart")
        self.assertEqual(counts, daemon.at_rest(), "the counters after a restart")

    def check_the_dump(self, daemon, events):
        """The log itself, with the daemon's own tool: every event once, as it was sent."""
        done = support.run([support.program("nines"), "store", "dump", daemon.data], timeout=120)
        self.assertEqual(0, done.returncode, done.stderr)
        records = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual(list(range(len(events))), [record["position"] for record in records])
        self.assertEqual(len(records), len({record["fingerprint"] for record in records}), "ids in the log")
        sent, found = (Counter(map(self.essence, each)) for each in (events, records))
        self.assertEqual([], list((sent - found).items())[:5], "sent and not in the log")
        self.assertEqual([], list((found - sent).items())[:5], "in the log and not sent")

    @staticmethod
    def essence(event):
        time_text = event["ts"].rstrip("Z").rstrip("0")
        return time_text, event["service"], event.get("customer"), event["status"], event["latency_ms"]


if __name__ == "__main__":
    support.main(lambda parser: parser.add_argument("--rounds", type=int, default=50))
