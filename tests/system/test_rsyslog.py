"""A real rsyslogd between a program and ninesd: every record of nginx's, JSON or combined, is counted once.

    unix socket ─► rsyslogd ─► omfwd, tcp: {LF framing, octet-counted} x {traditional, RSYSLOG_SyslogProtocol23Format}

Four of these roads at once, each with a service of its own; a fifth follows a file (imfile).
"""

import json
import signal
import socket
import subprocess
import time
import unittest

import support
from support import Daemon, counts_of, eventually

ROADS = {
    "lf-traditional": "",
    "lf-5424": ' template="RSYSLOG_SyslogProtocol23Format"',
    "octet-traditional": ' TCP_Framing="octet-counted"',
    "octet-5424": ' TCP_Framing="octet-counted" template="RSYSLOG_SyslogProtocol23Format"',
}
CONFIG = """\
global(workDirectory="{home}" maxMessageSize="64k" localHostname="web-1")
module(load="imuxsock" SysSock.Use="off")
module(load="imfile" mode="inotify")
"""
ROAD = """\
ruleset(name="{name}" queue.type="LinkedList" queue.size="20000") {{
 action(type="omfwd" target="{host}" port="{port}" protocol="tcp"{options}
        action.resumeRetryCount="-1" action.resumeInterval="1")
}}
input(type="imuxsock" Socket="{home}/{name}.sock" RateLimit.Interval="0" UsePIDFromSystem="off" Ruleset="{name}")
"""
FILE_ROAD = """\
ruleset(name="file") {{
 action(type="omfwd" target="{host}" port="{port}" protocol="tcp"
        action.resumeRetryCount="-1" action.resumeInterval="1")
}}
input(type="imfile" File="{home}/access.log" Tag="file:" Severity="info" Facility="local7" Ruleset="file")
"""
JSON_LINES = 300
COMBINED_LINES = 150


def agreements():
    services = [service for name in (*ROADS, "file") for service in (f"{name}.example", name)]
    documents = [
        f"agreement: '{service}'\nprovider: shop\nservices: ['{service}']\nobjectives: {{availability: 99.9%}}\n"
        for service in services
    ]
    return "---\n".join(documents)


def json_line(name, number):
    """As of nginx; every tenth failed, every fifteenth was given up."""
    status = 499 if number % 15 == 14 else 500 if number % 10 == 9 else 200
    now = time.time()
    record = {
        "ts": time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(now)), "msec": round(now, 3),
        "request_id": f"{name}-{number}", "remote_addr": "127.0.0.1", "host": f"{name}.example", "method": "GET",
        "uri": "/a/b?c=d", "proto": "HTTP/1.1", "status": status, "bytes": 6, "request_time": 0.003,
        "upstream_status": "502, 200", "ua": "says \"hello\" \\ and more", "completion": "OK",
    }  # fmt: skip
    return json.dumps(record, separators=(",", ":"))


def combined_line(number):
    status = 503 if number % 10 == 9 else 404 if number % 10 == 8 else 200
    now = time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime())
    return f'127.0.0.1 - - [{now}] "GET /{number} HTTP/1.1" {status} 6 "-" "curl/7.88.1"'


class Rsyslog:
    def __init__(self, owner, daemon):
        self.home = support.folder(owner)
        self.process = None
        self.log_path = self.home / "out"
        self.names = [*ROADS]
        host, port = daemon.url("tcp").split("://", 1)[1].rsplit(":", 1)
        values = {"home": self.home, "host": host, "port": port}
        text = CONFIG.format(**values) + FILE_ROAD.format(**values)
        for name, framing in ROADS.items():
            text += ROAD.format(name=name, options=framing, **values)
        self.config = self.home / "rsyslog.conf"
        self.config.write_text(text)
        (self.home / "access.log").touch()
        support.cleanup_of(owner)(self.stop)
        self.start()

    def start(self):
        rsyslogd = support.tool("rsyslogd")
        pid_file = self.home / "pid"
        self.process = support.spawn([rsyslogd, "-n", "-f", self.config, "-i", pid_file, "-C"], self.log_path)

        def ready():
            if self.process.poll() is not None:
                raise AssertionError(f"rsyslogd ended: {self.log_path.read_text()}")
            return pid_file.exists() and all((self.home / f"{name}.sock").exists() for name in self.names)

        eventually(ready, lambda: f"rsyslogd is there: {self.log_path.read_text()}")

    def stop(self):
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(support.TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(support.TIMEOUT_S)
        self.process = None

    def say(self, name, messages):
        """As syslog(3) would, with a blocking socket: nothing is dropped on the way in."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
            out.settimeout(support.TIMEOUT_S)
            out.connect(str(self.home / f"{name}.sock"))
            for message in messages:
                now = time.strftime("%b %d %H:%M:%S", time.gmtime())
                out.send(f"<190>{now} {name}: {message}".encode())

    def write(self, lines):
        with open(self.home / "access.log", "a", encoding="utf-8") as out:
            out.writelines(line + "\n" for line in lines)


class RsyslogTest(unittest.TestCase):
    def setUp(self):
        support.tool("rsyslogd")
        # A port of our own, so that ninesd can come back to it.
        address = support.loopback_address()
        listen = f"tcp://{address}:{support.free_port(address)}"
        self.daemon = Daemon(self, agreements(), listen=(listen,))
        self.rsyslog = Rsyslog(self, self.daemon)

    def expect(self, service, good, bad, excluded):
        got = counts_of(self.daemon.report(service, "availability"))
        self.assertEqual({"good": good, "bad": bad, "excluded": excluded, "out_of_scope": 0}, got, service)

    def json_counts(self, count):
        given_up = sum(number % 15 == 14 for number in range(count))
        failed = sum(number % 10 == 9 and number % 15 != 14 for number in range(count))
        return count - given_up - failed, failed, given_up

    def test_every_record_over_every_framing_is_counted_once(self):
        for name in ROADS:
            self.rsyslog.say(name, [json_line(name, number) for number in range(JSON_LINES)])
            self.rsyslog.say(name, [combined_line(number) for number in range(COMBINED_LINES)])
        self.rsyslog.write(json_line("file", number) for number in range(JSON_LINES))
        total = len(ROADS) * (JSON_LINES + COMBINED_LINES) + JSON_LINES
        counts = self.daemon.at_rest(total)
        self.assertEqual(total, counts["stored"], counts)
        for name in ROADS:
            with self.subTest(name):
                self.expect(f"{name}.example", *self.json_counts(JSON_LINES))
                self.expect(name, COMBINED_LINES * 9 // 10, COMBINED_LINES // 10, 0)
        self.expect("file.example", *self.json_counts(JSON_LINES))

    def test_what_is_no_record_is_rejected_and_takes_no_neighbour_with_it(self):
        for name in ROADS:
            first, second, third = (json_line(name, number) for number in range(3))
            self.rsyslog.say(name, [first, "no record at all", second, '{"host":"x","status":', third])
        counts = self.daemon.at_rest(5 * len(ROADS))
        self.assertEqual(3 * len(ROADS), counts["stored"], counts)
        rejected = {reason: count for reason, count in counts["rejected"].items() if count}
        self.assertEqual({"unknown_format": len(ROADS), "bad_json": len(ROADS)}, rejected)

    def test_the_same_record_over_two_roads_is_counted_once(self):
        """$request_id is the id: a relay that sends twice changes nothing."""
        lines = [json_line("lf-5424", number) for number in range(50)]
        self.rsyslog.say("lf-5424", lines)
        self.rsyslog.say("octet-5424", lines)
        counts = self.daemon.at_rest(100)
        self.assertEqual((50, 50), (counts["stored"], counts["duplicate"]), counts)
        self.expect("lf-5424.example", *self.json_counts(50))

    def test_records_wait_in_rsyslog_while_ninesd_is_away(self):
        self.rsyslog.say("octet-5424", [json_line("octet-5424", 0)])
        self.daemon.at_rest(1)
        self.assertEqual(0, self.daemon.terminate())
        # Over a road that has no connection yet: of one that has, plain TCP may lose what the kernel already took.
        self.rsyslog.say("lf-5424", [json_line("lf-5424", number) for number in range(20)])
        self.daemon.start()
        counts = self.daemon.at_rest(21)
        self.assertEqual(21, counts["stored"], counts)


if __name__ == "__main__":
    support.main()
