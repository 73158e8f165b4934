"""The program `nines` against a real daemon, against servers that are none, and on what people mistype
(CONTRACT section 1; RELIABILITY V-85..V-94)."""

import contextlib
import datetime
import gzip
import json
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
import unittest
from pathlib import Path

import support
from support import Daemon, eventually, line_of, program, run

SAMPLE = Path(__file__).resolve().parent.parent.parent / "tools" / "samples" / "nginx-load-access.ndjson.zst"
AGREEMENTS = """\
service: login
match: {host: login.shop.example}
---
service: checkout
match: {host: checkout.shop.example}
---
agreement: login
provider: shop-platform
services: [login]
objectives:
  availability: 99.9%
  minutes: {method: timeslices, slice: 1m, slice_target: 95%, target: 99%, over: month}
---
agreement: shop
provider: shop-platform
services: [login, checkout]
objectives:
  uptime: {method: uptime, target: 99.9%}
  availability: 99%
"""
BASE = datetime.datetime(2026, 6, 1, tzinfo=datetime.timezone.utc)
STARTED = datetime.datetime.now(datetime.timezone.utc)  # of all that is said to have been minutes ago


def nines(*arguments, **more):
    return run([program("nines"), *arguments], **more)


def nines_bytes(*arguments, stdin=b""):
    """With bytes on its standard input; its output as bytes."""
    return subprocess.run(
        [str(program("nines")), *map(str, arguments)], input=stdin, capture_output=True,
        timeout=support.TIMEOUT_S, env=support.environment(), check=False,
    )  # fmt: skip


def stamp(seconds):
    return (BASE + datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def request(number, status=200, **more):
    return {"service": "login", "ts": stamp(number), "id": f"r-{number}", "status": status, **more}


def ago(minutes_ago):
    return (STARTED - datetime.timedelta(minutes=minutes_ago)).strftime("%Y-%m-%dT%H:%M:%SZ")


class CliTest(unittest.TestCase):
    def good(self, done):
        self.assertEqual((0, ""), (done.returncode, done.stderr), done.stdout)
        return done.stdout

    def bad(self, code, done, *words):
        self.assertEqual(code, done.returncode, f"{done.args}\n{done.stdout}\n{done.stderr}")
        self.assertEqual(1, done.stderr.count("\n"), f"one line of reason: {done.stderr!r}")
        for word in words:
            self.assertIn(word, done.stderr)
        self.assertNotIn("\x1b", done.stderr)
        return done

    def file(self, folder, name, content):
        path = Path(folder) / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path


class ImportTest(CliTest):
    def setUp(self):
        self.daemon = Daemon(self, AGREEMENTS)
        self.home = support.folder(self)

    def imported(self, *arguments, stdin=b""):
        done = nines_bytes("import", "--to", self.daemon.url(), "--json", *arguments, stdin=stdin)
        self.assertEqual((0, b""), (done.returncode, done.stderr), done.stdout)
        return json.loads(done.stdout)

    def dumped(self):
        return [json.loads(line) for line in self.good(nines("store", "dump", self.daemon.data)).splitlines()]

    def test_a_real_log_arrives_line_by_line(self):
        summary = self.imported(SAMPLE, "--limit", "20000")
        self.assertEqual((20000, 20000, 0), (summary["sent"], summary["durable"], summary["reconnects"]))
        self.assertIsNone(summary["error"])
        counts = self.daemon.at_rest(20000)
        self.assertEqual(20000, counts["stored"])

    def test_a_repeat_counts_once(self):
        for stored, duplicate in ((5000, 0), (5000, 5000)):
            self.imported(SAMPLE, "--limit", "5000")
            counts = self.daemon.at_rest(stored + duplicate)
            self.assertEqual((stored, duplicate), (counts["stored"], counts["duplicate"]))

    def test_plain_gzip_and_zstd_and_standard_input_are_read(self):
        lines = [line_of(request(number)) for number in range(300)]
        plain = self.file(self.home, "plain", b"".join(lines[:100]))
        members = [gzip.compress(b"".join(part)) for part in (lines[100:150], lines[150:200])]
        packed = self.file(self.home, "packed", b"".join(members))
        summary = self.imported(plain, packed, "-", stdin=b"".join(lines[200:]))
        self.assertEqual(300, summary["durable"])
        self.assertEqual(300, self.daemon.at_rest(300)["stored"])

    def test_both_sides_count_the_same_lines(self):
        octets = b'<134>1 2026-06-01T00:00:00Z h web - - - {"service":"login",\n"status":200}'
        content = b"".join(
            [
                b"\n  \r\n",
                b'{"nines":{"ack":true}}\n',
                line_of(request(1)).replace(b"\n", b"\r\n"),
                b"\n\n",
                b"not a log line at all\n",
                b'10.0.0.1 - - [01/Jun/2026:00:00:02 +0000] "GET / HTTP/1.1" 200 6 "-" "-"\n',
                b"%d %b" % (len(octets), octets),
                b'{"service":"login","pad":"' + b"x" * 70000 + b'"}\n',
                line_of(request(2)).rstrip(b"\n"),
            ]
        )
        summary = self.imported(self.file(self.home, "log", content))
        self.assertEqual((5, 5), (summary["sent"], summary["durable"]))
        self.assertEqual({"control": 1, "unframed": 1}, summary["skipped"])
        counts = self.daemon.at_rest(5)
        self.assertEqual((4, {"unknown_format": 1}), (counts["stored"], counts["rejected"]))

    def test_an_empty_file_is_no_error(self):
        self.assertEqual(0, self.imported(self.file(self.home, "empty", b""))["sent"])

    def test_times_move_each_in_its_own_notation(self):
        epoch = int(BASE.timestamp())
        lines = [
            line_of({"service": "login", "id": "s", "ts": epoch}),
            line_of({"service": "login", "id": "ms", "ts": epoch * 1000 + 1250}),
            b'{"service":"login","id":"us","ts":%d.5}\n' % ((epoch + 2) * 10**6),
            line_of({"service": "login", "id": "rfc", "ts": "2026-06-01T02:00:03.25+02:00"}),
            b'10.0.0.1 - - [01/Jun/2026:00:00:04 +0000] "GET / HTTP/1.1" 200 6 "-" "-"\n',
            b'{"ts":"2026-06-01T00:00:05+00:00","msec":%d.502,"host":"a.example","status":200}\n' % (epoch + 5),
            line_of({"kind": "incident", "id": "i", "service": "login", "ts": stamp(6), "started_at": stamp(-60)}),
            line_of({"kind": "maintenance", "id": "m", "ts": stamp(7), "start": stamp(60), "end": stamp(120)}),
        ]
        summary = self.imported("-", "--shift-to", "2026-07-02T03:00:07Z", stdin=b"".join(lines))
        day = 31 * 86400 + 3 * 3600
        self.assertEqual((day * 10**9, 0), (int(summary["shift_ns"]), summary["unshifted"]))
        events = self.dumped()
        moved = [event["ts"] for event in events]
        at = datetime.datetime(2026, 7, 2, 3, tzinfo=datetime.timezone.utc)
        expected = ["00", "01.250", "02.000000500", "03.250", "04", "05.502", "06", "07"]
        # An epoch of microseconds with a decimal is nanoseconds: .5 us.
        self.assertEqual([f"{at:%Y-%m-%dT%H:%M}:{second}Z" for second in expected], moved)
        self.assertEqual("2026-07-02T02:59:00Z", events[6]["started_at"])
        self.assertEqual(("2026-07-02T03:01:00Z", "2026-07-02T03:02:00Z"), (events[7]["start"], events[7]["end"]))

    def test_a_shift_to_now_ends_now(self):
        before = time.time()
        self.imported(SAMPLE, "--limit", "500", "--shift-to", "now")
        last = max(event["ts"] for event in self.dumped())
        moment = datetime.datetime.fromisoformat(last[:19] + "+00:00").timestamp()
        self.assertTrue(before - 2 <= moment <= time.time(), f"{last} is not now")

    def test_lines_without_a_time_cannot_be_shifted(self):
        path = self.file(self.home, "log", line_of({"service": "login"}))
        self.bad(1, nines("import", "--to", self.daemon.url(), "--shift-to", "now", path), "no line has a time")
        self.assertEqual(0, self.daemon.at_rest()["received"])

    def test_after_a_kill_nothing_is_lost_and_nothing_counts_twice(self):
        status = self.home / "status"
        port = self.daemon.port("tcp")
        self.daemon.listen = [f"tcp://127.0.0.1:{port}"]
        process = support.spawn(
            [program("nines"), "import", "--to", self.daemon.url(), "--limit", "30000", "--rate", "20000", "--json",
             "--status-file", status, SAMPLE], self.home / "out",
        )  # fmt: skip
        self.addCleanup(process.kill)

        def durable():
            with contextlib.suppress(FileNotFoundError):
                return json.loads(status.read_bytes())["durable"]
            return 0

        eventually(lambda: durable() > 5000, "5000 durable lines")
        self.daemon.restart()
        self.assertEqual(0, process.wait(support.TIMEOUT_S), (self.home / "out").read_text())
        summary = json.loads((self.home / "out").read_text())
        self.assertEqual((30000, 30000), (summary["sent"], summary["durable"]))
        self.assertGreaterEqual(summary["reconnects"], 1)
        self.assertEqual({"sent": 30000, "durable": 30000}, json.loads(status.read_bytes()))
        self.assertEqual(30000, self.daemon.at_rest()["stored"])

    def test_a_pipe_is_fed_on_while_it_stands_still(self):
        with subprocess.Popen(
            [str(program("nines")), "import", "--to", self.daemon.url(), "--json", "-"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=support.environment(),
        ) as process:  # fmt: skip
            process.stdin.write(line_of(request(1)) + line_of(request(2))[:20])
            process.stdin.flush()
            eventually(lambda: self.daemon.status()["conservation"]["stored"] == 1, "the first line is stored")
            process.stdin.write(line_of(request(2))[20:])
            process.stdin.close()
            self.assertEqual(2, json.loads(process.stdout.read())["durable"])

    def test_the_rate_is_kept(self):
        began = time.monotonic()
        self.imported(SAMPLE, "--limit", "200", "--rate", "400")
        self.assertGreater(time.monotonic() - began, 0.45)

    def test_a_unix_socket_serves_too(self):
        daemon = Daemon(self, AGREEMENTS, listen=("unix",))
        done = nines_bytes("import", "--data", daemon.data, "--json", "-", stdin=line_of(request(1)))
        self.assertEqual(1, json.loads(done.stdout)["durable"], done.stderr)

    def test_damaged_files_fail_and_say_so(self):
        for name, content, word in (
            ("cut.zst", SAMPLE.read_bytes()[:50000], "ends within compressed data"),
            ("cut.gz", gzip.compress(line_of(request(1)) * 1000)[:-20], "ends within compressed data"),
            ("bad.gz", b"\x1f\x8b\x08\x00" + b"\xff" * 50, "damaged gzip data"),
            ("tls", b"\x16\x03\x01\x02\x00\x01\x00", "TLS"),
        ):
            with self.subTest(name):
                path = self.file(self.home, name, content)
                done = nines("import", "--to", self.daemon.url(), path)
                self.bad(1, done, str(path), word)
        self.bad(1, nines("import", "--to", self.daemon.url(), self.home / "none"), "cannot read")
        self.bad(1, nines("import", "--to", self.daemon.url(), self.home), "folder")


class ImportWithoutDaemonTest(CliTest):
    def setUp(self):
        self.home = support.folder(self)
        self.log = self.file(self.home, "log", line_of(request(1)))

    def test_nobody_there_is_said_at_once(self):
        port = support.free_port("127.0.0.1")
        began = time.monotonic()
        self.bad(1, nines("import", "--to", f"tcp://127.0.0.1:{port}", self.log), "no daemon at", "start ninesd")
        self.assertLess(time.monotonic() - began, 5)

    def test_it_gives_up_when_it_was_told_to_try(self):
        port = support.free_port("127.0.0.1")
        self.bad(1, nines("import", "--to", f"tcp://127.0.0.1:{port}", "--retry", "300ms", self.log), "gave up")

    def test_another_protocol_is_noticed(self):
        for answer in (b"HTTP/1.1 400 Bad Request\r\n\r\n", b'{"durable":99}\n', b'{"durable":-1}\n', b"x" * 500):
            with self.subTest(answer), Impostor(self, answer) as server:
                done = nines("import", "--to", f"tcp://127.0.0.1:{server.port}", "--retry", "5s", self.log)
                self.assertEqual(1, done.returncode)
                self.assertRegex(done.stderr, "instead of|not what it was sent")

    def test_a_data_folder_without_a_daemon_is_named(self):
        self.bad(1, nines("import", "--data", self.home, self.log), "no daemon in", str(self.home))


class Impostor:
    """A server that gives every connection the same bytes, whatever it asks, and closes it."""

    def __init__(self, owner, answer):
        self.answer = answer
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.requests = []
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()
        owner.addCleanup(self.stop)

    def serve(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                with connection, contextlib.suppress(OSError):
                    connection.settimeout(5)
                    self.requests.append(connection.recv(65536))
                    answer = self.answer(self.requests[-1]) if callable(self.answer) else self.answer
                    connection.sendall(answer)
                    connection.shutdown(socket.SHUT_WR)
                    connection.recv(65536)

    def stop(self):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(support.TIMEOUT_S)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"


def http(body, status="200 OK", media="application/json", length=None):
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    length = len(body) if length is None else length
    return f"HTTP/1.1 {status}\r\nContent-Type: {media}\r\nContent-Length: {length}\r\n\r\n".encode() + body


def a_report(**more):
    return {
        "agreement": "login", "customer": None, "version": 1, "objective": "availability", "method": "occurrences",
        "target": "99.9", "at": "2026-06-01T00:00:00Z", "over": "30d",
        "window": {"kind": "rolling", "start": "2026-05-02T00:00:00Z", "end": "2026-06-01T00:00:00Z"},
        "counts": {"good": 999, "bad": 1, "excluded": 0, "out_of_scope": 0, "late": 0, "excluded_by": {}},
        "time": None, "slices": None, "sli": {"numerator": "999", "denominator": "1000", "percent": "99.900000"},
        "coverage_percent": "100.000000",
        "budget": {"unit": "requests", "total": "1", "consumed_percent": "100.000000", "remaining_percent": "0.000000",
                   "remaining_percent_elapsed": "0.000000"},
        "burn": "1", "alerts": [], "alert": "none", "verdict": "met", "reason": "", "credit": None, **more,
    }  # fmt: skip


class ForeignServerTest(CliTest):
    COMMANDS = (
        ("status",), ("report",), ("report", "--json"), ("report", "--csv"), ("explain", "a", "b"), ("incidents",),
        ("agreements",), ("agreements", "a"), ("incident", "open", "i", "--service", "s"),
        ("maintenance", "add", "m", "--service", "s", "--start", "2026-06-01", "--end", "2026-06-02"),
    )  # fmt: skip

    def fails(self, url, *words):
        for command in self.COMMANDS:
            with self.subTest(command):
                done = self.bad(1, nines(*command, "--url", url), *words)
                self.assertEqual("", done.stdout)
        done = nines("check", "a", "b", "--url", url)
        self.assertEqual((3, ""), (done.returncode, done.stderr))
        self.assertTrue(done.stdout.startswith("NINES UNKNOWN: "), done.stdout)

    def test_nobody_there(self):
        port = support.free_port("127.0.0.1")
        self.fails(f"http://127.0.0.1:{port}", f"no daemon at http://127.0.0.1:{port}", "start ninesd")

    def test_half_an_answer(self):
        with Impostor(self, http(b'{"positions":{', length=1000)) as server:
            self.fails(server.url, "ended early")

    def test_no_answer(self):
        with Impostor(self, b"") as server:
            self.fails(server.url, "without an answer")

    def test_too_large_an_answer(self):
        with Impostor(self, http(b"{", length=1 << 40)) as server:
            self.fails(server.url, "256 MiB")

    def test_another_protocol(self):
        with Impostor(self, b"SSH-2.0-OpenSSH_9.2\r\n") as server:
            self.fails(server.url, "does not speak HTTP")
        self.bad(1, nines("status", "--url", "ftp://127.0.0.1/"), "does not speak HTTP")
        self.bad(1, nines("status", "--url", "http://"), "--url")

    def test_another_web_server(self):
        page = http(b"<html>hello</html>", media="text/html")
        for answer in (page, http(b"[]"), http(b'{"a":1,"a":2}'), http(b"{}{}")):
            with self.subTest(answer), Impostor(self, answer) as server:
                for command in self.COMMANDS:
                    self.bad(1, nines(*command, "--url", server.url), server.url)
        with Impostor(self, http(b"<html>", "404 Not Found", "text/html")) as server:
            self.fails(server.url, "status 404: is it ninesd?")

    def test_a_refusal_gives_its_reason(self):
        detail = {"title": "Service Unavailable", "status": 503, "detail": "draining \x1b[31m"}
        with Impostor(self, http(detail, "503 Service Unavailable", "application/problem+json")) as server:
            self.fails(server.url, "draining \\x1B[31m (503)")

    def test_answers_of_another_shape(self):
        for report in (
            a_report(verdict="splendid"), a_report(target="100.1"), a_report(target=99.9), a_report(over="soon"),
            a_report(sli={"numerator": "5", "denominator": "2"}), a_report(budget=None), 7, None, {},
        ):  # fmt: skip
            with self.subTest(report), Impostor(self, http({"position": 1, "reports": [report]})) as server:
                self.bad(1, nines("report", "--url", server.url), "not understood", "--json")
                self.good(nines("report", "--json", "--url", server.url))

    def test_names_cannot_command_a_terminal(self):
        evil = "a\x1b]0;owned\x07\u202eb\u009b\n\\"
        reports = {"position": 1, "reports": [a_report(agreement=evil, objective=evil)]}
        incident = {"id": evil, "state": evil, "service": [evil], "title": evil, "agreements": [evil]}
        status = {"positions": {}, "conservation": {"rejected": {evil: 3}}, "rates": {evil: 1}, "version": evil}
        agreement = {"agreement": evil, "services": [evil], "objectives": [{"objective": evil, "target": evil}]}
        for command, answer in (
            (["report"], reports), (["status"], status), (["incidents"], {"incidents": [incident]}),
            (["agreements"], {"agreements": [agreement]}), (["agreements", "a"], {"meaning": evil}),
            (["incident", "ack", evil], incident), (["check", "a", "b"], reports),
        ):  # fmt: skip
            with self.subTest(command), Impostor(self, http(answer)) as server:
                done = nines(*command, "--url", server.url)
                self.assertIn(r"\x1B]0;owned\x07", done.stdout)
                for character in "\x1b\x07\u202e\u009b":
                    self.assertNotIn(character, done.stdout + done.stderr)

    def test_a_cursor_that_stands_still_ends(self):
        with Impostor(self, http({"incidents": [], "next": "7"})) as server:
            self.assertIn("no incidents", self.good(nines("incidents", "--url", server.url)))
            self.assertLessEqual(len(server.requests), 3)

    def test_paths_and_values_are_encoded(self):
        with Impostor(self, http({}, "404 Not Found")) as server:
            nines("agreements", "a/b c?&ü", "--url", server.url)
            nines("report", "a&b=c", "--at", "2026-06-01", "--url", server.url)
            lines = [request.split(b"\r\n")[0] for request in server.requests]
            self.assertEqual(b"GET /v1/agreements/a%2Fb%20c%3F%26%C3%BC HTTP/1.1", lines[0])
            self.assertEqual(b"GET /v1/reports?agreement=a%26b%3Dc&at=2026-06-01T00%3A00%3A00Z HTTP/1.1", lines[1])

    def test_check_speaks_the_plug_in_language(self):
        for verdict, code, word in (
            ("met", 0, "OK"), ("at_risk", 1, "WARNING"), ("behind", 1, "WARNING"), ("breached", 2, "CRITICAL"),
            ("unknown", 3, "UNKNOWN"), ("no_data", 3, "UNKNOWN"), ("new word", 3, "UNKNOWN"),
        ):  # fmt: skip
            with self.subTest(verdict), Impostor(self, http({"reports": [a_report(verdict=verdict)]})) as server:
                done = nines("check", "login", "availability", "--url", server.url)
                self.assertEqual((code, ""), (done.returncode, done.stderr))
                self.assertIn(f"NINES {word}: login availability 99.900000 % of 99.9 %", done.stdout)
                self.assertIn("| 'sli'=99.900000%;;99.9:;0;100 'budget_left'=0.000000%;10:;0: 'burn'=1", done.stdout)
        reports = [a_report(), a_report(verdict="breached", customer="acme"), a_report(verdict="unknown")]
        with Impostor(self, http({"reports": reports})) as server:
            self.assertEqual(2, nines("check", "login", "availability", "--url", server.url).returncode)
        for arguments in ([], ["a"], ["a", "b", "c"], ["a", "b", "--at", "soon"], ["a", "b", "--nonsense"]):
            done = nines("check", *arguments)
            self.assertEqual(3, done.returncode)
            self.assertTrue(done.stdout.startswith("NINES UNKNOWN: "))

    def test_a_bar_in_a_name_begins_no_figures(self):
        with Impostor(self, http({"reports": [a_report(agreement="a|b")]})) as server:
            self.assertIn("a/b", nines("check", "a", "b", "--url", server.url).stdout)

    def test_the_stand_of_an_endpoints_file(self):
        home = support.folder(self)
        for content in (b"", b"{", b"[]", b'{"http":7}', b"{}"):
            self.file(home, "endpoints.json", content)
            self.bad(1, nines("status", "--data", home))


class DaemonTest(CliTest):
    """Commands against the daemon: one for the class, as they only add."""

    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon(cls, AGREEMENTS)
        cls.home = support.folder(cls)
        cls.log = cls.home / "log"
        start = time.time() // 60 * 60 - 1800
        lines = []
        for number in range(2000):
            bad = 100 <= number < 140 or number % 400 == 399
            moment = datetime.datetime.fromtimestamp(start + number * 0.3, datetime.timezone.utc)
            status = 502 if 100 <= number < 140 else 503 if bad else 200
            lines.append(line_of({"service": "login", "ts": moment.isoformat(), "id": f"d-{number}", "status": status}))
        cls.log.write_bytes(b"".join(lines))
        cls.start, cls.at = (
            datetime.datetime.fromtimestamp(start + more, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
            for more in (30, 700)
        )
        done = nines("import", "--data", cls.daemon.data, cls.log)
        assert done.returncode == 0, done

    def ask(self, *arguments):
        return self.good(nines(*arguments, "--data", self.daemon.data))

    def test_status_accounts_for_every_line(self):
        text = self.ask("status")
        for word in ("ninesd", "evaluated", "received", "stored", "in_flight", self.daemon.endpoints["http"]):
            self.assertIn(word, text)
        self.assertNotIn("do not add up", text)
        self.assertGreaterEqual(json.loads(self.ask("status", "--json"))["conservation"]["stored"], 2000)

    def test_the_table_is_that_of_evaluate(self):
        agreements = self.file(self.home, "agreements.yaml", AGREEMENTS)
        for question in (["--at", self.at], ["--from", self.start, "--to", self.at]):
            with self.subTest(question):
                offline = self.good(nines("evaluate", "--agreements", agreements, "--events", self.log, *question))
                online = self.ask("report", "login", *question)
                wanted = [line for line in offline.splitlines() if line.startswith(("AGREEMENT", "login"))]
                self.assertEqual(3, len(wanted), offline)
                found = [line for line in online.splitlines() if line.startswith(("AGREEMENT", "login"))]
                self.assertEqual([line.split() for line in wanted], [line.split() for line in found])

    def test_report_gives_json_and_csv(self):
        answer = json.loads(self.ask("report", "login", "availability", "--json"))
        self.assertEqual(["availability"], [report["objective"] for report in answer["reports"]])
        rows = self.ask("report", "--csv").splitlines()
        self.assertEqual(5, len(rows))
        self.assertIn("agreement", rows[0])

    def test_explain_says_what_made_the_figure(self):
        text = self.ask("explain", "login", "availability", "--at", self.at)
        self.assertIn("login availability: 97.750000 % (promised 99.9 %): BREACHED", text)
        self.assertIn("45 bad of 2,000 requests: 40 x 502 within 11 s at ", text)
        self.assertIn("5 x 503 spread over 8 min", text)
        for words in ("evidence", "budget", "what would change the verdict", "after 43,000 more good requests"):
            self.assertIn(words, text)
        brief = self.ask("explain", "login", "availability", "--at", self.at, "--brief")
        self.assertTrue(text.startswith(brief))
        told = json.loads(self.ask("explain", "login", "availability", "--at", self.at, "--json"))
        self.assertEqual(brief, told["story"])
        self.assertEqual(45, sum(item["count"] for item in told["evidence"]["items"]))

    def test_an_incident_is_opened_and_ends(self):
        words = ["--service", "checkout", "--severity", "critical", "--title", "down"]
        self.ask("incident", "open", "I-1", *words, "--at", ago(20))
        self.ask("incident", "ack", "I-1", "--at", ago(18))
        self.assertIn("I-1", self.ask("incidents", "--open"))
        self.assertIn("resolved", self.ask("incident", "resolve", "I-1", "--at", ago(10)))
        self.assertNotIn("I-1", self.ask("incidents", "--open"))
        listed = {incident["id"]: incident for incident in json.loads(self.ask("incidents", "--json"))["incidents"]}
        found = tuple(listed["I-1"][key] for key in ("state", "severity", "title"))
        self.assertEqual(("resolved", "critical", "down"), found)
        text = self.ask("explain", "shop", "uptime", "--brief")
        self.assertRegex(text, r"10 min down of .*: I-1 10 min from .+ to ")

    def test_maintenance_within_an_incident_is_told(self):
        self.ask("incident", "open", "I-2", "--service", "checkout", "--at", ago(60))
        self.ask("incident", "resolve", "I-2", "--at", ago(50))
        window = ["--start", ago(56), "--end", ago(53)]
        self.ask("maintenance", "add", "M-3", "--service", "checkout", "--service", "login", *window)
        text = self.ask("explain", "shop", "uptime", "--brief")
        self.assertRegex(text, r"I-2 10 min from .+ to .+ \(7 min of it count\)")
        self.assertRegex(text, r"not counted: .*3 min set aside")

    def test_suspicions_count_when_they_are_promoted(self):
        self.ask("incident", "open", "S-1", "--service", "login", "--potential", "--at", ago(5))
        self.ask("incident", "open", "S-2", "--service", "login", "--complaint", "--title", "slow", "--at", ago(4))
        text = self.ask("explain", "login", "availability", "--brief")
        self.assertIn("not counted: 1 complaint, 1 potential incident", text)
        promoted = json.loads(self.ask("incident", "promote", "S-1", "--json"))
        self.assertEqual(("actual", True), (promoted["nature"], promoted["promoted"]))
        self.ask("incident", "cancel", "S-1")
        self.ask("incident", "cancel", "S-2")
        self.bad(1, nines("incident", "resolve", "S-9", "--data", self.daemon.data), "S-9", "no such incident")

    def test_maintenance_comes_and_goes(self):
        until = ["--start", ago(3), "--end", ago(1)]
        added = self.ask("maintenance", "add", "M-1", "--service", "login", *until, "--reason", "disk", "--json")
        self.assertEqual(1, json.loads(added)["accepted"])
        self.assertIn("cancelled", self.ask("maintenance", "cancel", "M-1"))
        self.bad(2, nines("maintenance", "add", "M-2"), "--service")
        backwards = ["--start", "2026-06-02", "--end", "2026-06-01"]
        self.bad(2, nines("maintenance", "add", "M-2", "--service", "login", *backwards), "end must be greater")

    def test_agreements_are_listed_and_told(self):
        text = self.ask("agreements")
        self.assertIn("availability 99.9 % over 30d; minutes 99 % over month", text)
        self.assertIn("Objective availability: 99.9 % of requests to login", self.ask("agreements", "login"))
        self.assertIn("provider: shop-platform", self.ask("agreements", "login", "--expand"))
        self.bad(1, nines("agreements", "nobody", "--data", self.daemon.data), "no such agreement")

    def test_check_of_a_real_objective(self):
        done = nines("check", "login", "availability", "--at", self.at, "--data", self.daemon.data)
        self.assertEqual(2, done.returncode, done.stderr)
        self.assertIn("'sli'=97.750000%;;99.9:", done.stdout)

    def test_what_does_not_exist_is_said(self):
        for command in (["report", "nobody"], ["explain", "login", "nothing"]):
            self.bad(1, nines(*command, "--data", self.daemon.data), "no such")


class StoreTest(CliTest):
    def test_a_store_is_looked_at_while_it_grows(self):
        daemon = Daemon(self, AGREEMENTS)
        process = support.spawn(
            [program("nines"), "import", "--to", daemon.url(), "--rate", "60000", SAMPLE], daemon.home / "import"
        )
        self.addCleanup(process.kill)
        looks = 0
        while process.poll() is None or looks == 0:
            self.assertEqual("ok: every segment is whole\n", self.good(nines("store", "verify", daemon.data)))
            stat = json.loads(self.good(nines("store", "stat", daemon.data, "--json")))
            self.assertEqual(stat["events"], stat["counters"]["stored"])
            looks += 1
        self.assertEqual(0, process.returncode)
        count = daemon.at_rest()["stored"]
        self.assertEqual(count, self.good(nines("store", "dump", daemon.data)).count("\n"))

    def test_equal_logs_have_equal_hashes(self):
        lines = [line_of(request(number, end_user="u", customer=f"c{number % 7}")) for number in range(3000)]
        services = ["login", "checkout"]
        lines.append(line_of({"kind": "incident", "id": "i", "service": services, "ts": stamp(9), "title": "t"}))
        hashes = []
        for parts in (1, 7):
            daemon = Daemon(self, AGREEMENTS)
            size = len(lines) // parts + 1
            for part in support.in_chunks(lines, size):
                nines_bytes("import", "--to", daemon.url(), "-", stdin=b"".join(part))
            daemon.at_rest(len(lines))
            hashes.append(self.good(nines("store", "hash", daemon.data)))
            last = json.loads(self.good(nines("store", "dump", daemon.data)).splitlines()[-1])
            found = (last["position"], last["service"], last["title"])
            self.assertEqual((len(lines) - 1, services, "t"), found)
            self.assertEqual(0, daemon.terminate())
            self.assertEqual(hashes[-1], self.good(nines("store", "hash", daemon.data)), "the same when nobody runs")
        self.assertEqual(hashes[0], hashes[1])

    def test_what_is_no_store_is_refused_and_left_as_it_is(self):
        home = support.folder(self)
        foreign = home / "foreign"
        foreign.mkdir()
        self.file(foreign, "a.txt", b"mine")
        empty = home / "empty"
        empty.mkdir()
        fifo = home / "fifo"
        os.mkfifo(fifo)
        plain = self.file(home, "plain", b"x")
        for path in (foreign, empty, fifo, plain, home / "none", "/", "x" * 5000):
            for command in ("verify", "stat", "dump", "hash"):
                with self.subTest(path=str(path)[:60], command=command):
                    self.bad(1, nines("store", command, path))
        self.assertEqual(["a.txt"], os.listdir(foreign))
        self.assertEqual([], os.listdir(empty))

    def test_damage_is_found_and_nothing_crashes(self):
        daemon = Daemon(self, AGREEMENTS)
        nines_bytes("import", "--to", daemon.url(), "-", stdin=b"".join(line_of(request(n)) for n in range(20000)))
        self.assertEqual(0, daemon.terminate())
        segment = next((daemon.data / "segments").glob("*/data.mdb"))
        whole = segment.read_bytes()
        used = whole.rstrip(b"\0")
        for offset in range(0, len(used), max(1, len(used) // 12)):
            copy = support.folder(self) / "data"
            shutil.copytree(daemon.data, copy)
            target = next((copy / "segments").glob("*/data.mdb"))
            damaged = bytearray(whole)
            for byte in range(offset, min(offset + 64, len(used))):
                damaged[byte] ^= 0xFF
            target.write_bytes(damaged)
            for command in ("verify", "dump", "hash"):
                with self.subTest(offset=offset, command=command):
                    done = nines("store", command, copy)
                    self.assertIn(done.returncode, (0, 1), done.stderr)
                    self.assertEqual(done.returncode == 1, done.stderr != "")
        target.write_bytes(whole[:5000])
        self.bad(1, nines("store", "verify", copy))


class CommandLineTest(CliTest):
    COMMANDS = (
        "status", "report", "explain", "agreements", "incidents", "incident", "maintenance", "import", "evaluate",
        "match", "validate", "store",
    )  # fmt: skip

    def test_help_and_version_go_to_standard_output(self):
        text = self.good(nines("--help"))
        for command in (*self.COMMANDS, "check"):
            self.assertIn(f"  {command} ", text)
            self.assertIn(f"usage: nines {command}", self.good(nines(command, "--help")))
        self.assertRegex(self.good(nines("--version")), r"^nines \d+\.\d+\.\d+\n$")

    def test_what_is_no_option_is_a_usage_error(self):
        for command in self.COMMANDS:
            for arguments in (["--nonsense"], ["-x"], ["--json=1"], ["--json", "--json"]):
                with self.subTest(command=command, arguments=arguments):
                    self.bad(2, nines(command, *arguments))
        self.assertEqual(2, nines().returncode)
        self.bad(2, nines("nonsense"), "no command 'nonsense'")

    def test_values_are_looked_at(self):
        for arguments in (
            ["report", "--at"], ["report", "--at", "soon"], ["report", "--at", "2026-06-01", "--period", "2026"],
            ["report", "--from", "2026-06-01"], ["report", "--from", "2026-06-02", "--to", "2026-06-01"],
            ["report", "--json", "--csv"], ["report", "a", "b", "c"], ["report", "--period", "2026-13"],
            ["status", "--url", "http://a", "--data", "b"], ["status", "--url", "http://" + "a" * 600],
            ["status", "--url", "a", "--url", "b"], ["explain"], ["explain", "a"], ["agreements", "--expand"],
            ["import"], ["import", "--rate", "0", "-"], ["import", "--rate", "-1", "-"],
            ["import", "--rate", "1e3", "-"],
            ["import", "--limit", "99999999999999999999", "-"], ["import", "--limit", "", "-"],
            ["import", "--retry", "soon", "-"], ["import", "--shift-to", "then", "-"], ["import", "-", "-"],
            ["import", "--to", "http://127.0.0.1:1", "-"], ["import", "--to", "udp://127.0.0.1:1", "-"],
            ["import", "--to", "tcp://127.0.0.1:1", "--data", "x", "-"], ["import", "--to", "tcp://" + "a" * 600, "-"],
            ["incident"], ["incident", "open"], ["incident", "break", "I-1"],
            ["incident", "open", "I-1", "--at", "soon"], ["maintenance", "add"], ["maintenance", "move", "M-1"],
            ["store"], ["store", "verify"], ["store", "burn", "x"],
        ):  # fmt: skip
            with self.subTest(arguments):
                done = self.bad(2 if arguments != ["import", "-", "-"] else 1, nines(*arguments))
                self.assertEqual("", done.stdout)

    def test_messages_quote_safely_and_stay_short(self):
        escape = [b"status", b"--\xff\xfe\x1b]0;x"]
        for arguments in ([b"\x1b[31mred\x07"], escape, [b"status", b"x" * 100000], [b"y" * 100000]):
            done = nines_bytes(*[os.fsdecode(argument) for argument in arguments])
            self.assertEqual(2, done.returncode)
            self.assertNotIn(b"\x1b", done.stderr)
            done.stderr.decode()
            self.assertLess(len(done.stderr), 9000)

    def test_two_dashes_end_the_options(self):
        self.bad(1, nines("store", "verify", "--", "--json"), "--json")

    def test_a_full_or_closed_output_is_a_failure(self):
        with open("/dev/full", "wb") as full:
            done = subprocess.run(
                [str(program("nines")), "--help"], stdout=full, stderr=subprocess.PIPE, check=False, timeout=30
            )
        self.assertEqual(1, done.returncode)
        self.assertIn(b"cannot write to standard output", done.stderr)
        for closed in (">&-", "<&- >&-", "<&- >&- 2>&-"):
            done = subprocess.run(
                ["sh", "-c", f'exec "$0" --help {closed}', str(program("nines"))], check=False, timeout=30,
                stderr=subprocess.DEVNULL,
            )  # fmt: skip
            self.assertEqual(1, done.returncode, closed)

    def test_output_never_lands_in_a_file_that_took_its_place(self):
        home = support.folder(self)
        log = self.file(home, "log", line_of(request(1)))
        before = log.read_bytes()
        subprocess.run(
            ["sh", "-c", 'exec "$0" match "$1" <&- >&-', str(program("nines")), str(log)], check=False, timeout=30,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.assertEqual(before, log.read_bytes())

    def test_a_reader_that_went_away_is_told_nothing(self):
        home = support.folder(self)
        log = self.file(home, "log", b"".join(line_of({"service": f"s{n}", "status": 200}) for n in range(20000)))
        with subprocess.Popen(
            [str(program("nines")), "match", "--json", str(log)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=support.environment(),
        ) as process:  # fmt: skip
            process.stdout.read(1)
            process.stdout.close()
            self.assertEqual(b"", process.stderr.read())
            self.assertEqual(1, process.wait(support.TIMEOUT_S))

    def test_names_in_logs_cannot_command_a_terminal(self):
        home = support.folder(self)
        log = self.file(home, "log", line_of({"service": "a\x1b[2J", "status": 200}))
        self.assertIn("a\\x1B[2J", self.good(nines("match", log)))
        broken = self.file(home, "bad.yaml", 'agreement: "a\x1b[2J\n')
        done = nines("validate", broken)
        self.assertEqual(1, done.returncode)
        self.assertNotIn("\x1b", done.stderr)

    def test_an_interrupt_ends_an_import(self):
        daemon = Daemon(self, AGREEMENTS)
        command = [program("nines"), "import", "--to", daemon.url(), "--rate", "1000", SAMPLE]
        process = support.spawn(command, daemon.home / "import")
        eventually(lambda: daemon.status()["conservation"]["stored"] > 100, "some lines")
        process.send_signal(signal.SIGINT)
        self.assertEqual(-signal.SIGINT, process.wait(support.TIMEOUT_S))
        daemon.at_rest()
        self.good(nines("store", "verify", daemon.data))


if __name__ == "__main__":
    support.main()
