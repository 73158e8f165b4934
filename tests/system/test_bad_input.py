"""Hostile and broken input (RELIABILITY section 5 and U-*, P11, P12). For every row:

* the daemon is the same process,
* a canary, a client of its own, goes on being acknowledged,
* exactly the expected counters of /v1/status grow, by exactly as much,
* nothing that was stored is lost: the last test kills the daemon, starts it again, and counts.

A line goes four ways: by itself on a stream, byte by byte between good lines, as a datagram, and in an HTTP body.
"""

import array
import collections
import contextlib
import json
import random
import resource
import socket
import threading
import time
import unittest
import zlib

import support
from support import Daemon, eventually, line_of, socket_to

AGREEMENTS = """\
agreement: shop
provider: shop
services: [checkout]
objectives:
  availability: 99.9%
---
agreement: canary
provider: shop
services: [canary]
objectives:
  availability: 99.9%
"""
ANY = "any"  # rejected for a reason that this table leaves open
GOOD = b'{"service":"checkout","status":200}\n'
CANARY_S = 0.02
ACK_S = 15
RECORD_BYTES_MAX = 65536


def padded(size):
    """A good record of so many bytes, without a line feed."""
    head, tail = b'{"service":"checkout","status":200,"padding":"', b'"}'
    return head + b"x" * (size - len(head) - len(tail)) + tail


def request(**fields):
    return line_of({"service": "checkout", **fields}).rstrip(b"\n")


# Lines that are rejected, and why. Each is without its line feed.
LINES = {
    # V-35: JSON
    "a value is missing": (b'{"service":"checkout","status":}', "bad_json"),
    "a trailing comma": (b'{"service":"checkout",}', "bad_json"),
    "single quotes": (b"{'service':'checkout'}", "bad_json"),
    "a comment": (b'{"service":"checkout"/* x */}', "bad_json"),
    "a leading zero": (b'{"service":"checkout","status":0200}', "bad_json"),
    "a leading plus": (b'{"service":"checkout","status":+200}', "bad_json"),
    "a point without digits": (b'{"service":"checkout","latency_ms":1.}', "bad_json"),
    "hexadecimal": (b'{"service":"checkout","status":0xC8}', "bad_json"),
    "NaN": (b'{"service":"checkout","latency_ms":NaN}', "bad_json"),
    "cut off": (b'{"service":"checkout","sta', "bad_json"),
    "a colon too many": (b'{"service"::"checkout"}', "bad_json"),
    "a raw control character": (b'{"service":"check\x01out"}', "bad_json"),
    "a bad escape": (b'{"service":"check\\xout"}', "bad_json"),
    "an open string": (b'{"service":"checkout', "bad_json"),
    "an array": (b'[{"service":"checkout"}]', ANY),
    "a byte order mark": (b'\xef\xbb\xbf{"service":"checkout"}', ANY),
    "null": (b"null", "unknown_format"),
    "a number": (b"42", "unknown_format"),
    "plain text": (b"the quick brown fox", "unknown_format"),
    "NULs": (bytes(100), "unknown_format"),
    "high bytes": (bytes(range(128, 256)), "unknown_format"),
    # V-34, V-33
    "17 levels": (b'{"service":"checkout","a":' + b'{"a":' * 16 + b"1" + b"}" * 17, "too_deep"),
    "20,000 levels": (b'{"service":"checkout","a":' + b"[" * 20000, "too_deep"),
    # V-36: types
    "service: a number": (request(service=5), "bad_type"),
    "service: true": (request(service=True), "bad_type"),
    "service: an object": (request(service={}), "bad_type"),
    "customer: a number": (request(customer=3), "bad_type"),
    "status: a word": (request(status="abc"), "bad_type"),
    "status: true": (request(status=True), "bad_type"),
    "status: an object": (request(status={}), "bad_type"),
    "status: a list": (request(status=[200]), "bad_type"),
    "latency: a word": (request(latency_ms="fast"), "bad_type"),
    "latency: a list": (request(latency_ms=[1]), "bad_type"),
    "outcome: a number": (request(outcome=5), "bad_type"),
    "kind: a number": (request(kind=5), "bad_type"),
    "id: a list": (request(id=["a"]), "bad_type"),
    "ts: an object": (request(ts={}), "bad_type"),
    # V-40, V-41: values
    "status 99": (request(status=99), "bad_value"),
    "status 1000": (request(status=1000), "bad_value"),
    "status -200": (request(status=-200), "bad_value"),
    "status 1e400": (b'{"service":"checkout","status":1e400}', "bad_value"),
    "a status of 400 digits": (b'{"service":"checkout","status":' + b"2" * 400 + b"}", "bad_value"),
    "count 0": (request(count=0), "bad_value"),
    "count -1": (request(count=-1), "bad_value"),
    "count 2^63": (request(count=1 << 63), "bad_value"),
    "a negative latency": (request(latency_ms=-1), "bad_value"),
    "good above total": (request(good=5, total=3), "bad_value"),
    "an unknown outcome": (request(outcome="fine"), "bad_value"),
    "an unknown kind": (request(kind="nonsense"), "bad_value"),
    "an unknown class": (request(**{"class": "first"}), "bad_value"),
    "an unknown scope": (request(scope="sideways"), "bad_value"),
    "an unknown incident state": (line_of({"kind": "incident", "id": "I", "state": "exploded"}).strip(), "bad_value"),
    "a NUL in a name": (b'{"service":"a\\u0000b"}', "bad_value"),
    # V-37, V-38
    "no service": (b'{"status":200,"outcome":"good"}', ANY),
    "nothing": (b"{}", "missing_field"),
    "an empty service": (request(service=""), "missing_field"),
    "good without total": (request(good=5), "missing_field"),
    "an incident without id": (line_of({"kind": "incident", "service": "checkout"}).strip(), "missing_field"),
    "a life without id": (request(state="opened"), "missing_field"),
    "a key twice": (b'{"service":"checkout","status":200,"status":500}', "duplicate_key"),
    # V-39, V-47
    "a name that is no UTF-8": (b'{"service":"check\xff\xfeout"}', "bad_utf8"),
    "an overlong name": (b'{"service":"check\xc0\xafout"}', "bad_utf8"),
    "a surrogate in UTF-8": (b'{"service":"check\xed\xa0\x80out"}', "bad_utf8"),
    "a name of 129 bytes": (request(service="x" * 129), "too_long"),
    "an id of 129 bytes": (request(id="x" * 129), "too_long"),
    "an escaped name of 130 bytes": (b'{"service":"' + b"\\u00e9" * 65 + b'"}', "too_long"),
    # V-44, V-45: times
    "no such day": (request(ts="2026-02-30T00:00:00Z"), "bad_time"),
    "no such hour": (request(ts="2026-01-01T24:00:00Z"), "bad_time"),
    "no zone": (request(ts="2026-01-01T00:00:00"), "bad_time"),
    "no such zone": (request(ts="2026-01-01T00:00:00+99:99"), "bad_time"),
    "a word for a time": (request(ts="yesterday"), "bad_time"),
    "a time beyond 64 bits of ns": (request(ts="2262-01-01T00:00:00Z"), "bad_time"),
    "the year 9999": (request(ts="9999-12-31T23:59:59Z"), "bad_time"),
    # V-50..V-54: syslog
    "no priority": (b"<>1 2026-01-01T00:00:00Z h a - - - x", "bad_syslog"),
    "priority 192": (b"<192>1 2026-01-01T00:00:00Z h a - - - x", "bad_syslog"),
    "priority 999": (b"<999>Jan  1 00:00:00 h a: x", "bad_syslog"),
    "priority -1": (b"<-1>Jan  1 00:00:00 h a: x", "bad_syslog"),
    "a priority of 20 digits": (b"<44444444444444444444>Jan  1 00:00:00 h a: x", "bad_syslog"),
    "an open priority": (b"<13 Jan  1 00:00:00 h a: x", "bad_syslog"),
    "an open structured data": (b'<13>1 2026-01-01T00:00:00Z h a - - [x y="z', "bad_syslog"),
    "syslog without a record": (b"<13>1 2026-01-01T00:00:00Z h a - - - hello", "unknown_format"),
    "syslog with a broken record": (b'<13>1 2026-01-01T00:00:00Z h a - - - {"service":', "bad_json"),
}
# Octet counts that are none (V-50..V-52): on a stream they are lines that begin so.
BROKEN_COUNTS = {
    "count 0": (b"0 <13>1 - h a - - - x", "bad_frame"),
    "leading zeros": (b"00012 <13>1 - h a - - - x", "bad_frame"),
    "a negative count": (b"-1 <13>1 - h a - - - x", "bad_frame"),
    "a signed count": (b"+5 <13>1 - h a - - - x", "bad_frame"),
    "a count of 20 digits": (b"9" * 20 + b" <13>1 - h a - - - x", "bad_frame"),
    "10,000 digits": (b"9" * 10000, "unknown_format"),
}


class Canary(threading.Thread):
    """A well-behaved client: one record, its acknowledgement, the next."""

    def __init__(self, owner, daemon):
        super().__init__(daemon=True)
        self.stream = daemon.acks()
        self.lock = threading.Lock()  # held while a record is on its way
        self.stopped = threading.Event()
        self.count = 0
        self.slowest_s = 0.0
        self.error = None
        support.cleanup_of(owner)(self.stop)
        self.start()

    def run(self):
        try:
            while not self.stopped.wait(CANARY_S):
                with self.lock:
                    began = time.monotonic()
                    self.stream.send([line_of({"service": "canary", "status": 200, "id": f"canary-{self.count}"})])
                    self.stream.wait(timeout=ACK_S)
                    self.count += 1
                    self.slowest_s = max(self.slowest_s, time.monotonic() - began)
        except Exception as error:  # told by `sings`
            self.error = error

    def sings(self):
        """A whole record, from now on."""
        before = self.count

        def later():
            if self.error is not None:
                raise AssertionError(f"the canary: {self.error!r}") from self.error
            return self.count > before + 1

        eventually(later, "the canary is acknowledged")

    def stop(self):
        self.stopped.set()
        self.join(2 * ACK_S)
        self.stream.close()


class BadInput(unittest.TestCase):
    """One daemon and one canary for all rows of a class."""

    LISTEN = ("tcp", "udp", "unix", "unixgram")

    @classmethod
    def setUpClass(cls):
        support.raise_descriptor_limit()
        cls.daemon = Daemon(cls, AGREEMENTS, listen=cls.LISTEN)
        cls.pid = cls.daemon.pid
        cls.canary = Canary(cls, cls.daemon)

    @contextlib.contextmanager
    def expect(self, stored=0, duplicate=0, **rejected):
        """What the block must add to the counters. `any`: so many rejections, whatever their reasons."""
        before = self.counters()
        yield
        wanted = collections.Counter(before)
        wanted.update({"stored": stored, "duplicate": duplicate})
        wanted.update({f"rejected {reason}": count for reason, count in rejected.items()})
        loose = ANY in rejected

        def flat(counters):
            kept = +collections.Counter(counters)
            if loose:
                total = sum(kept.pop(name) for name in list(kept) if name.startswith("rejected"))
                kept["rejected"] = total
            return kept

        got = {}

        def there():
            with self.canary.lock:
                got["counters"] = self.counters(locked=True)
            return sum(got["counters"].values()) >= sum(wanted.values())

        with contextlib.suppress(AssertionError):
            eventually(there, "the counters grow", timeout=10)
        self.assertEqual(flat(wanted), flat(got["counters"]), f"was {flat(before)}")
        self.assertEqual(self.pid, self.daemon.pid)
        self.assertTrue(self.daemon.alive(), self.daemon.log())
        self.canary.sings()

    def counters(self, locked=False):
        """Of /v1/status, without the canary's own."""
        with contextlib.nullcontext() if locked else self.canary.lock:
            counts = self.daemon.at_rest()
            found = collections.Counter({f"rejected {reason}": n for reason, n in counts["rejected"].items()})
            found.update({f"shed {reason}": n for reason, n in counts["shed"].items()})
            found.update({"stored": counts["stored"] - self.canary.count, "duplicate": counts["duplicate"]})
            return found

    def stream(self, *parts, kind="tcp", close=True):
        """Sends the parts; waits for the other end to close after our half-close."""
        stream = socket_to(self.daemon.url(kind))
        with contextlib.suppress(OSError) if not close else contextlib.nullcontext():
            for part in parts:
                stream.sendall(part)
        if not close:
            return stream
        with stream:
            stream.shutdown(socket.SHUT_WR)
            self.assertEqual(b"", self.read_all(stream), "written to a stream that did not ask")
        return None

    def read_all(self, stream):
        got = b""
        with contextlib.suppress(ConnectionError):
            while part := stream.recv(65536):
                got += part
        return got

    def datagrams(self, kind, *messages):
        with socket_to(self.daemon.url(kind)) as out:
            for message in messages:
                out.send(message)


class LinesTest(BadInput):
    """Lines that are no records."""

    def four_ways(self, line, reason, datagram=True, in_body=True, dribbled=True):
        ways = 2 + dribbled + datagram + in_body
        with self.expect(stored=1 + 2 * dribbled + 2 * in_body, **{reason: ways - 1}):
            self.stream(line + b"\n" + GOOD)
            if dribbled:
                self.stream(GOOD, *(bytes([byte]) for byte in line), b"\n", GOOD)
            if datagram:
                self.datagrams("udp", line)
            if in_body:
                self.check_body(line, reason)

    def check_body(self, line, reason):
        answer = self.daemon.post(GOOD + line + b"\n" + GOOD)
        self.assertEqual(200, answer.status, repr(answer))
        result = answer.json()
        self.assertEqual((2, 1, 0), (result["accepted"], result["rejected"], result["duplicates"]), result)
        (error,) = result["errors"]
        self.assertEqual(1, error["index"])
        if reason != ANY:
            self.assertEqual(reason, error["code"])
        detail = error["detail"]
        self.assertTrue(detail.isascii() and detail.isprintable() and 0 < len(detail) <= 256, detail)


def line_fact(line, reason, **ways):
    def test(self):
        self.four_ways(line, reason, **ways)

    return test


for row, (bad, why) in LINES.items():
    setattr(LinesTest, f"test_{row}_is_rejected".replace(" ", "_"), line_fact(bad, why, dribbled=len(bad) < 2000))
for row, (bad, why) in BROKEN_COUNTS.items():
    setattr(
        LinesTest, f"test_a_broken_count_{row}_is_rejected".replace(" ", "_"),
        line_fact(bad, why, dribbled=len(bad) < 2000, in_body=False, datagram=False),
    )  # fmt: skip


class StreamsTest(BadInput):
    """Streams that are broken as streams."""

    def test_a_malformed_first_line_takes_no_neighbour_with_it(self):
        with self.expect(stored=2, bad_json=1):
            self.stream(b'{"service":\n', GOOD, GOOD)

    def test_blank_lines_are_nothing(self):
        with self.expect(stored=2):
            self.stream(b"\n\r\n  \n", GOOD, b"\n\n", GOOD)

    def test_a_last_line_without_line_feed_counts(self):
        with self.expect(stored=2):
            self.stream(GOOD, GOOD.rstrip(b"\n"))

    def test_a_line_of_64_KiB_is_taken_and_one_byte_more_is_not(self):
        with self.expect(stored=3, too_large=1):
            self.stream(padded(RECORD_BYTES_MAX) + b"\n", GOOD, padded(RECORD_BYTES_MAX + 1) + b"\n", GOOD)

    def test_a_megabyte_without_line_feed_is_rejected_once(self):
        for size in (65 << 10, 1 << 20, 16 << 20):
            with self.subTest(size), self.expect(stored=2, too_large=1):
                self.stream(GOOD, b"x" * size, b"\n", GOOD)
        with self.expect(stored=1, too_large=1):
            self.stream(GOOD, b'{"service":"' + b"x" * (1 << 20))

    def test_binary_noise_is_rejected_line_by_line(self):
        noise = random.Random(support.options.seed)
        lines = [bytes(byte for byte in noise.randbytes(300) if byte not in b"\n\r\t ") for _ in range(50)]
        lines = [b"\x80" + line for line in lines]  # none that might be a count, a frame or a record
        with self.expect(stored=2, any=50):
            self.stream(GOOD, b"\n".join(lines) + b"\n", GOOD)

    def test_a_TLS_hello_is_refused_and_closed(self):
        hello = bytes.fromhex("16030100750100007103034a") + bytes(100)
        with self.expect(tls=1):
            stream = self.stream(hello, close=False)
            self.assertEqual(b"", self.read_all(stream))
            stream.close()

    def test_native_frames_are_told_and_closed(self):
        with self.expect(native_frames=1):
            stream = self.stream(b"\x89N9S\x01\x00\x00\x00" + GOOD * 3, close=False)
            self.assertEqual(b"", self.read_all(stream))
            stream.close()

    def test_a_compressed_stream_is_refused_and_closed(self):
        for name, start in {"zlib": b"", "rsyslog": b"z"}.items():
            with self.subTest(name), self.expect(compressed=1):
                stream = self.stream(start + zlib.compress(GOOD * 50, 9), close=False)
                self.assertEqual(b"", self.read_all(stream))
                stream.close()

    def test_HTTP_on_the_ingest_port_is_two_lines_of_nonsense(self):
        with self.expect(unknown_format=2):
            self.stream(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")

    def test_other_protocols_on_the_ingest_port_are_rejected(self):
        hellos = {
            "SSH": b"SSH-2.0-OpenSSH_9.2p1\r\n",
            "SMTP": b"EHLO mail.example\r\n",
            "redis": b"*1\r\n$4\r\nPING\r\n",
            "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        }
        lines = sum(len([line for line in hello.split(b"\r\n") if line]) for hello in hellos.values())
        with self.expect(any=lines):
            for hello in hellos.values():
                self.stream(hello)

    def test_the_last_line_of_a_stream_that_is_reset_is_truncated(self):
        with self.expect(stored=1, truncated=1):
            with self.daemon.acks() as stream:
                stream.send([GOOD])
                stream.wait()
                stream.socket.sendall(b'{"service":"checkout","sta')
                support.reset(stream.socket)

    def test_whole_lines_before_a_reset_count(self):
        with self.expect(stored=100):
            with self.daemon.acks() as stream:
                stream.send([GOOD] * 100)
                stream.wait()
                support.reset(stream.socket)

    def test_a_half_closed_stream_is_read_acknowledged_and_closed(self):
        with self.expect(stored=1000), self.daemon.acks() as stream:
            stream.send([GOOD] * 1000)
            stream.half_close()
            stream.wait()
            eventually(lambda: stream.look(0.05) == 1000 and stream.ended, "the stream ends")

    def test_rejected_lines_are_acknowledged_too(self):
        with self.expect(stored=2, bad_json=2, duplicate=1), self.daemon.acks() as stream:
            same = line_of({"service": "checkout", "id": f"acked-{time.monotonic_ns()}"})
            stream.send([b"{\n", same, same, b"{]\n", GOOD])
            stream.wait(5)

    def test_only_the_first_line_asks_for_acknowledgements(self):
        with self.expect(stored=2):
            self.stream(GOOD, b'{"nines":{"ack":true}}\n', GOOD)

    def test_a_slow_writer_is_read_byte_by_byte(self):
        with self.expect(stored=3):
            self.stream(*(bytes([byte]) for byte in GOOD * 3))

    def test_many_slow_writers_at_once_are_read(self):
        with self.expect(stored=200):
            streams = [socket_to(self.daemon.url()) for _ in range(200)]
            for byte in GOOD:
                for stream in streams:
                    stream.sendall(bytes([byte]))
            for stream in streams:
                stream.close()

    # Octet counts

    def frame(self, message, more=0):
        return b"%d %s" % (len(message) + more, message)

    def syslog(self):
        return b"<13>1 2026-01-01T00:00:00Z h a - - - " + GOOD.rstrip(b"\n")

    def test_framings_may_change_on_one_connection(self):
        with self.expect(stored=4):
            self.stream(self.frame(self.syslog()), self.syslog() + b"\n", self.frame(self.syslog() + b"\n"), GOOD)

    def test_a_count_beyond_the_end_of_the_stream_is_truncated(self):
        with self.expect(stored=1, truncated=1):
            self.stream(self.frame(self.syslog()), self.frame(self.syslog(), more=100))

    def test_a_count_that_is_too_small_costs_two_records_and_no_more(self):
        with self.expect(stored=1, any=2):
            self.stream(self.frame(self.syslog(), more=-10) + b"\n", self.frame(self.syslog()))

    def test_a_frame_that_is_too_large_is_skipped_by_its_count(self):
        with self.expect(stored=2, too_large=1):
            self.stream(GOOD, self.frame(b"<13>" + b"x" * 70000), self.frame(self.syslog()))

    # Connections

    def test_thousands_of_idle_connections_disturb_nobody_and_leave_nothing(self):
        before = self.daemon.descriptor_count()
        wanted = min(10000, resource.getrlimit(resource.RLIMIT_NOFILE)[0] - 500)
        if wanted < 300:
            self.skipTest(f"only {wanted} descriptors are allowed here")
        idle = []
        try:
            with self.expect():
                for _ in range(wanted):
                    # One that is refused may be so before connect returns.
                    with contextlib.suppress(ConnectionError):
                        idle.append(socket_to(self.daemon.url()))
            with self.expect(stored=1):
                self.assertEqual(200, self.daemon.post(GOOD).status)
        finally:
            for stream in idle:
                stream.close()
        with self.expect(stored=1):
            eventually(self.one_is_taken, "a new client is taken again", timeout=10)
        eventually(lambda: self.daemon.descriptor_count() <= before + 5, "descriptors are given back")

    def one_is_taken(self):
        with contextlib.suppress(ConnectionError), self.daemon.acks() as stream:
            stream.send([GOOD])
            stream.wait()
            return True
        return False

    def test_a_storm_of_connections_leaves_nothing(self):
        before = self.daemon.descriptor_count()
        with self.expect(stored=500):
            for number in range(1500):
                stream = socket_to(self.daemon.url())
                if number % 3 == 0:
                    stream.sendall(GOOD)
                if number % 3 == 1:
                    support.reset(stream)
                stream.close()
        eventually(lambda: self.daemon.descriptor_count() <= before + 5, "descriptors are given back")

    def test_descriptors_that_are_passed_are_not_kept(self):
        before = self.daemon.descriptor_count()
        with self.expect(stored=5), socket_to(self.daemon.url("unix")) as stream, socket.socket() as passed:
            rights = array.array("i", [passed.fileno()] * 253)
            for _ in range(5):
                stream.sendmsg([GOOD], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)])
        eventually(lambda: self.daemon.descriptor_count() <= before, "descriptors are not kept")

    def test_a_client_that_does_not_read_its_acknowledgements_disturbs_nobody(self):
        """It is closed, or told later; and what it sent counts."""
        with self.expect(stored=20000):
            with self.daemon.acks() as stream:
                for _ in range(200):
                    stream.send([GOOD] * 100)
                eventually(lambda: self.daemon.status()["conservation"]["in_flight"] == 0, "all is judged")

    def test_zzz_all_that_was_stored_survives_a_kill(self):
        """Last, by its name."""
        self.canary.stop()
        before = self.daemon.at_rest()
        figures = [self.daemon.report(name, "availability")["counts"] for name in ("shop", "canary")]
        self.assertEqual(self.canary.count, figures[1]["good"])
        self.daemon.restart()
        self.assertEqual(before, self.daemon.at_rest())
        after = [self.daemon.report(name, "availability")["counts"] for name in ("shop", "canary")]
        self.assertEqual(figures, after)
        print(f"\nslowest acknowledgement of the canary: {self.canary.slowest_s:.3f} s", flush=True)


class DatagramsTest(BadInput):
    """UDP and unix datagrams (V-57, V-119..V-124, U-1, U-7)."""

    def test_after_an_empty_datagram_all_others_are_received(self):
        for kind in ("udp", "unixgram"):
            with self.subTest(kind), self.expect(stored=1000, empty_datagram=1):
                self.datagrams(kind, b"")
                for _ in range(4):
                    before = self.daemon.status()["conservation"]["received"]
                    self.datagrams(kind, *[GOOD] * 250)
                    eventually(
                        lambda before=before: self.daemon.status()["conservation"]["received"] >= before + 250,
                        "they are received",
                    )

    def test_the_largest_datagrams_are_whole(self):
        with self.expect(stored=2):
            self.datagrams("udp", padded(65507), GOOD)

    def test_a_datagram_beyond_the_buffer_is_truncated_not_parsed(self):
        """A good record, and more behind it than fits."""
        with self.expect(stored=1, truncated=2):
            self.datagrams("unixgram", GOOD.rstrip(b"\n") + b" " * 70000, padded(100000), GOOD)

    def test_broken_datagrams_are_rejected(self):
        cases = {
            b"x": "unknown_format",
            b"\0": "unknown_format",
            b"\0" * 65507: "unknown_format",
            b"\xff" * 65507: "unknown_format",
            b'{"a":' * 13000: "too_deep",
            b"z" + zlib.compress(GOOD * 9): "compressed",
            GOOD + GOOD: "bad_json",  # one record each
        }
        for message, reason in cases.items():
            with self.subTest(message[:20]), self.expect(**{reason: 1}):
                self.datagrams("udp", message)

    def test_nothing_is_answered_to_a_datagram(self):
        with socket_to(self.daemon.url("udp")) as out:
            with self.expect(stored=1, unknown_format=1, empty_datagram=1):
                for message in (GOOD, b"nonsense", b""):
                    out.send(message)
            out.setblocking(False)
            with self.assertRaises(BlockingIOError):
                out.recv(65536)


class MeaningTest(BadInput):
    """Records that are well formed, and must not move a figure (V-42..V-47, SEMANTICS section 10)."""

    def figures(self):
        counts = self.daemon.report("shop", "availability")["counts"]
        return counts["good"], counts["bad"]

    def test_what_is_not_known_is_stored_and_counts_nowhere(self):
        before = self.figures()
        names = ["unheard-of", "../x", "%n", "{{7*7}}", "a\nb", "\x1b[31m", "x" * 128, "\u202e", "NaN"]
        with self.expect(stored=len(names)):
            self.stream(*(line_of({"service": name, "status": 500}) for name in names))
        self.assertEqual(before, self.figures())
        listed = self.daemon.get("/metrics").body
        self.assertNotIn(b"unheard-of", listed, "an unknown service is no label")

    def test_unknown_fields_are_ignored(self):
        before = self.figures()
        with self.expect(stored=1):
            self.stream(request(status=200, price=1, tags=["a", {"b": None}], nested={"service": 5}) + b"\n")
        self.assertEqual((before[0] + 1, before[1]), self.figures())

    def test_the_future_and_the_far_past_are_stored_and_not_counted(self):
        before = self.figures()
        now = time.time()
        times = [now + 600, now + 10 * 365 * 86400, now - 500 * 86400, now - 50 * 365 * 86400]
        times += ["2038-01-19T03:14:08Z", "2261-12-31T23:59:59Z", "1970-01-01T00:00:00Z"]
        counters = self.daemon.status()["counters"]
        with self.expect(stored=len(times)):
            self.stream(*(request(status=500, ts=moment) + b"\n" for moment in times))
        self.assertEqual(before, self.figures())
        after = self.daemon.status()["counters"]
        grown = sum(after[name] - counters[name] for name in ("future", "ancient"))
        self.assertEqual(len(times), grown, "each shown in a counter of its own")

    def test_a_little_of_the_future_is_counted(self):
        before = self.figures()
        with self.expect(stored=1):
            self.stream(request(status=200, ts=time.time() + 60) + b"\n")
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 120))
        answer = self.daemon.get(f"/v1/reports?agreement=shop&objective=availability&at={at}")
        if answer.status == 200:
            self.assertEqual(before[0] + 1, answer.json()["reports"][0]["counts"]["good"])

    def test_an_id_counts_once_however_it_comes(self):
        before = self.figures()
        line = line_of({"service": "checkout", "status": 200, "id": f"same-{time.monotonic_ns()}"})
        with self.expect(stored=1, duplicate=7):
            self.stream(line, line)
            self.datagrams("udp", line)
            self.datagrams("unixgram", line)
            self.stream(line, kind="unix")
            self.stream(b"<13>1 2026-01-01T00:00:00Z h a - - - " + line)
            self.assertEqual(200, self.daemon.post(b"[" + line + b"," + line + b"]").status)
        self.assertEqual((before[0] + 1, before[1]), self.figures())

    def test_the_same_id_of_another_service_is_another_event(self):
        same = f"shared-{time.monotonic_ns()}"
        with self.expect(stored=2):
            self.stream(line_of({"service": "checkout", "id": same}), line_of({"service": "other", "id": same}))


class BodiesTest(BadInput):
    """HTTP bodies as a whole (WIRE section 0)."""

    def answer(self, body, status, headers=None):
        answer = self.daemon.post(body, headers)
        self.assertEqual(status, answer.status, repr(answer))
        if status != 200:
            self.assertEqual("application/problem+json", answer.headers["Content-Type"].split(";")[0])
            self.assertEqual(status, answer.json()["status"])
        return answer

    def raw(self, request_bytes):
        """What the HTTP port says to these bytes, until it closes: which it must, of itself."""
        with socket.create_connection(self.daemon.http_address, timeout=support.TIMEOUT_S) as stream:
            with contextlib.suppress(ConnectionError):
                stream.sendall(request_bytes)
            return self.read_all(stream)

    def test_what_is_no_JSON_at_all_is_400(self):
        for body in (b"hello", b"\x16\x03\x01", b"<xml/>", b"a=b&c=d"):
            with self.subTest(body), self.expect(any=1):
                self.answer(body, 400)

    def test_JSON_without_anything_usable_is_422(self):
        for body in (b'{"service":5}', b"[{}]", b'[{"service":5}]'):
            with self.subTest(body), self.expect(any=1):
                self.answer(body, 422)

    def test_empty_bodies_change_nothing(self):
        for body in (b"", b"  \r\n\n", b"[]"):
            with self.subTest(body), self.expect():
                self.assertIn(self.daemon.post(body).status, (200, 400, 422))

    def test_good_records_survive_their_neighbours(self):
        with self.expect(stored=2, bad_type=1, missing_field=1):
            answer = self.answer(b'[{"service":5},' + GOOD + b",{}," + GOOD + b"]", 200).json()
        self.assertEqual([(0, "bad_type"), (2, "missing_field")], [(e["index"], e["code"]) for e in answer["errors"]])

    def test_the_first_ten_errors_are_told(self):
        with self.expect(stored=1, bad_type=50):
            answer = self.answer(b'{"service":5}\n' * 50 + GOOD, 200).json()
        self.assertEqual((1, 50, 10), (answer["accepted"], answer["rejected"], len(answer["errors"])))

    def test_a_bomb_is_413_and_broken_compression_is_400(self):
        bomb = support.gzipped(b" " * (200 << 20))
        gzip = {"Content-Encoding": "gzip"}
        with self.expect():
            self.answer(bomb, 413, gzip)
            self.assertIn(self.daemon.post(support.gzipped(GOOD)[:-9], gzip).status, (400, 422))
            self.assertIn(self.daemon.post(b"no gzip", gzip).status, (400, 422))
            self.answer(GOOD, 415, {"Content-Encoding": "br"})

    def test_a_body_that_is_announced_too_large_is_413_before_it_is_read(self):
        with self.expect():
            got = self.raw(b"POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n{")
        self.assertIn(b" 413 ", got.split(b"\r\n")[0])

    def test_NDJSON_and_other_protocols_on_the_HTTP_port_are_refused(self):
        for request_bytes in (
            GOOD * 3 + b"\r\n", b"\x16\x03\x01\x00\x75\x01" + bytes(100) + b"\r\n\r\n", b"SSH-2.0-x\r\n\r\n",
            b"GET /\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"x" * 100000,
        ):  # fmt: skip
            with self.subTest(request_bytes[:20]), self.expect():
                got = self.raw(request_bytes)
                status = got.split(b" ")[1:2]
                self.assertTrue(not got or status[0][:1] in (b"4", b"5"), got[:200])

    def test_doubtful_framing_is_400_and_the_end(self):
        host = b"Host: x\r\n"
        cases = {
            "two lengths": host + b"Content-Length: 5\r\nContent-Length: 6\r\n",
            "length and chunks": host + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
            "two hosts": host + host + b"Content-Length: 0\r\n",
            "no host": b"Content-Length: 0\r\n",
            "a negative length": host + b"Content-Length: -1\r\n",
            "a signed length": host + b"Content-Length: +5\r\n",
            "a length with a list": host + b"Content-Length: 5, 5\r\n",
            "an unknown coding": host + b"Transfer-Encoding: xchunked\r\n",
        }
        smuggled = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
        for name, headers in cases.items():
            with self.subTest(name), self.expect():
                got = self.raw(b"POST /v1/events HTTP/1.1\r\n" + headers + b"\r\n" + smuggled)
                self.assertIn(got.split(b" ")[1], (b"400", b"501"), got[:200])
                self.assertNotIn(b"HTTP/1.1 200", got, "what stands behind it was answered")

    def test_a_client_that_goes_away_within_its_request_changes_nothing(self):
        parts = (
            b"", b"POST /v1/ev", b"POST /v1/events HTTP/1.1\r\nHo", bytes(5000),
            b"POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n" + GOOD,
            b"POST /v1/events HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{",
        )  # fmt: skip
        with self.expect():
            for part in parts * 10:
                with socket.create_connection(self.daemon.http_address, timeout=support.TIMEOUT_S) as stream:
                    stream.sendall(part)

    def test_a_body_in_pieces_is_whole(self):
        with self.expect(stored=2), socket.create_connection(self.daemon.http_address, timeout=30) as stream:
            stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in GOOD * 2) + b"0\r\n\r\n"
            whole = b"POST /v1/events HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks
            for byte in whole:
                stream.sendall(bytes([byte]))
            self.assertIn(b" 200 ", stream.recv(4096).split(b"\r\n")[0])

    def test_the_same_key_answers_the_same_and_counts_once(self):
        key = {"Idempotency-Key": f"key-{time.monotonic_ns()}"}
        with self.expect(stored=2):
            first = self.answer(GOOD * 2, 200, key).json()
            self.assertEqual(first, self.answer(GOOD * 2, 200, key).json())
            self.answer(GOOD * 3, 422, key)


class FewDescriptorsTest(BadInput):
    """U-3: clients that say nothing take all descriptors that there are; then they go."""

    LIMIT = 96

    def test_ingest_goes_on_when_descriptors_are_free_again(self):
        hard = resource.prlimit(self.pid, resource.RLIMIT_NOFILE)[1]
        resource.prlimit(self.pid, resource.RLIMIT_NOFILE, (self.LIMIT, hard))
        idle = []
        with self.expect(stored=2):
            try:
                for _ in range(2 * self.LIMIT):
                    idle.append(self.idle_to(self.daemon.http_address))
                    idle.append(self.idle_to(("127.0.0.1", self.daemon.port("tcp"))))
                # HTTP may be out of reach now; streams that are open are not.
                busy_s, began = self.daemon.cpu_s(), time.monotonic()
                for _ in range(20):
                    self.canary.sings()
                busy_s = self.daemon.cpu_s() - busy_s
                self.assertLess(busy_s, 0.1 + 0.5 * (time.monotonic() - began), "it spins")
            finally:
                for stream in idle:
                    stream.close()
            eventually(self.posts, "HTTP is served again", timeout=10)
            with self.daemon.acks() as stream:
                stream.send([GOOD])
                stream.wait()

    def idle_to(self, address):
        """Connecting, connected, or refused: all the same here."""
        stream = socket.socket()
        stream.setblocking(False)
        stream.connect_ex(address)
        return stream

    def posts(self):
        with contextlib.suppress(OSError):
            return self.daemon.post(GOOD).status == 200
        return False


if __name__ == "__main__":
    support.main()
