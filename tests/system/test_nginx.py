"""A real nginx whose access_log goes straight to ninesd by syslog: each request is counted once, in its class.

Combined lines and JSON by UDP, JSON to a unix datagram socket. Requests are answered, refused, given up and cut off;
what each must count as is in CLASSES (SEMANTICS section 3).
"""

import concurrent.futures
import contextlib
import http.client
import os
import pwd
import signal
import socket
import threading
import time
import unittest

import support
from support import Daemon, counts_of, eventually

# What is asked for: how often, and what it counts as.
CLASSES = {
    "/ok": (200, "good"),
    "/missing": (60, "good"),  # 404: the service answered
    "/moved": (20, "good"),
    "/broken": (40, "bad"),  # 500
    "/refused": (20, "bad"),  # 502: nobody behind it
    "/slow": (10, "excluded"),  # 499: the client gave up at once
    "half": (4, "excluded"),  # 408: half a request
    "tls": (4, "excluded"),  # 400 without a method
}
JSON_FORMAT = (
    '{"ts":"$time_iso8601","msec":$msec,"request_id":"$request_id","remote_addr":"$remote_addr","host":"$host",'
    '"method":"$request_method","uri":"$request_uri","proto":"$server_protocol","status":$status,'
    '"bytes":$body_bytes_sent,"request_time":$request_time,"upstream_addr":"$upstream_addr",'
    '"upstream_status":"$upstream_status","upstream_response_time":"$upstream_response_time",'
    '"ua":"$http_user_agent","completion":"$request_completion"}'
)
CONFIG = """\
daemon off;
{user}worker_processes 1;
pid {home}/nginx.pid;
error_log {home}/error.log info;
events {{ worker_connections 1024; }}
http {{
 client_body_temp_path {home}/b; proxy_temp_path {home}/p; fastcgi_temp_path {home}/f;
 uwsgi_temp_path {home}/u; scgi_temp_path {home}/s;
 log_format json_plain escape=json '{json_format}';
 access_log {target},facility=local7,tag={tag},severity=info{more} {format};
 client_header_timeout 1s;
 server {{
  listen {listen}; server_name _;
  location /ok {{ return 200 "ok\\n"; }}
  location /moved {{ return 301 /ok; }}
  location /broken {{ return 500; }}
  location /refused {{ proxy_pass http://{nobody}; }}
  location /slow {{ proxy_pass http://{silent}; proxy_read_timeout 60s; }}
  location / {{ return 404; }}
 }}
}}
"""
AGREEMENTS = """\
agreement: web
provider: shop
services: [{service}]
objectives:
  availability: 99.9%
"""


class Silent(threading.Thread):
    """An upstream that takes requests and never answers. `seen` counts them."""

    def __init__(self, owner, address):
        super().__init__(daemon=True)
        self.listener = socket.create_server((address, 0))
        self.taken = []
        self.seen = 0
        support.cleanup_of(owner)(self.close)
        self.start()

    @property
    def name_port(self):
        return "{}:{}".format(*self.listener.getsockname())

    def run(self):
        with contextlib.suppress(OSError):
            while True:
                stream, _ = self.listener.accept()
                self.taken.append(stream)
                stream.recv(1)
                self.seen += 1

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.join(support.TIMEOUT_S)
        self.listener.close()
        for stream in self.taken:
            stream.close()


class Nginx:
    """One nginx with one access log. It ends with its owner."""

    def __init__(self, owner, target, format_name, tag, more=""):
        self.home = support.folder(owner, 0o755)
        self.address = support.loopback_address()
        self.silent = Silent(owner, self.address)
        self.log_path = self.home / "out"
        self.process = None
        support.cleanup_of(owner)(self.stop)
        user = f"user {pwd.getpwuid(os.geteuid()).pw_name} root;\n" if os.geteuid() == 0 else ""
        self.values = {
            "home": self.home, "user": user, "json_format": JSON_FORMAT, "target": target, "format": format_name,
            "tag": tag, "more": more, "silent": self.silent.name_port,
        }  # fmt: skip
        self.start()

    def start(self):
        nginx = support.tool("nginx")
        for _ in range(5):  # a port may be taken between the look and the start
            self.port = support.free_port(self.address)
            nobody = f"{self.address}:{support.free_port(self.address)}"
            config = self.home / "nginx.conf"
            config.write_text(CONFIG.format(listen=f"{self.address}:{self.port}", nobody=nobody, **self.values))
            self.process = support.spawn(
                [nginx, "-p", self.home, "-e", self.home / "error.log", "-c", config], self.log_path
            )
            if eventually(lambda: self.process.poll() is not None or self.answers(), "nginx is there") is True:
                return
        raise AssertionError(f"nginx does not start:\n{self.log_path.read_text()}")

    def answers(self):
        with contextlib.suppress(OSError):
            socket.create_connection((self.address, self.port), timeout=1).close()
            return self.process.poll() is None
        return False

    def stop(self):
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(support.TIMEOUT_S)
        finally:
            self.process.kill()
            self.process.wait(support.TIMEOUT_S)

    # Requests

    def ask(self, path, count, host):
        """On one connection, whole."""
        connection = http.client.HTTPConnection(self.address, self.port, timeout=support.TIMEOUT_S)
        for _ in range(count):
            connection.request("GET", path, headers={"Host": host, "User-Agent": 'a "quoted" \xe9 agent'})
            connection.getresponse().read()
        connection.close()

    def give_up(self, count, host):
        """Each waits until the upstream has its request, then goes."""
        for number in range(count):
            stream = socket.create_connection((self.address, self.port), timeout=support.TIMEOUT_S)
            stream.sendall(f"GET /slow HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
            eventually(lambda wanted=number + 1: self.silent.seen >= wanted, "the upstream was asked")
            stream.close()

    def send_and_wait_for_the_end(self, start, count):
        """Bytes that are no request; nginx closes. All at once: each takes its header timeout."""
        streams = [socket.create_connection((self.address, self.port), timeout=support.TIMEOUT_S) for _ in range(count)]
        for stream in streams:
            stream.sendall(start)
        for stream in streams:
            while stream.recv(65536):
                pass
            stream.close()

    def work(self, host):
        """Everything in CLASSES, in pieces of a few requests."""
        half = f"GET /half HTTP/1.1\r\nHost: {host}\r\nX-Ha".encode()
        hello = b"\x16\x03\x01\x00\x2f\x01\x00\x00\x2b\x03\x03 no http at all\r\n\r\n"
        for path, (count, _) in CLASSES.items():
            if path == "/slow":
                # One at a time: each looks at how many the upstream has seen.
                yield count, lambda count=count: self.give_up(count, host)
            elif path in ("half", "tls"):
                start = half if path == "half" else hello
                yield count, lambda start=start, count=count: self.send_and_wait_for_the_end(start, count)
            else:
                for _ in range(count // 5):
                    yield 5, lambda path=path: self.ask(path, 5, host)

    def drive(self, host):
        """Several clients at once."""
        with concurrent.futures.ThreadPoolExecutor(8) as clients:
            for done in [clients.submit(piece) for _, piece in self.work(host)]:
                done.result()

    def drive_slowly(self, host, daemon):
        """One piece, until it has arrived; then the next."""
        sent = 0
        for count, piece in self.work(host):
            piece()
            sent += count
            daemon.at_rest(sent)


class NginxTest(unittest.TestCase):
    HOST = "shop.example"

    def totals(self):
        wanted = {"good": 0, "bad": 0, "excluded": 0}
        for count, name in CLASSES.values():
            wanted[name] += count
        return wanted

    def check(self, daemon, nginx, service, noise):
        """noise: requests without a host, which a JSON log gives to another service."""
        total = sum(count for count, _ in CLASSES.values())
        counts = daemon.at_rest(total)
        self.assertEqual(total, counts["stored"], counts)
        report = daemon.report("web", "availability")
        wanted = {**self.totals(), "out_of_scope": 0}
        wanted["excluded"] -= noise
        got = counts_of(report)
        self.assertEqual(wanted, got, f"service {service}")
        if not noise:
            excluded = report["counts"]["excluded_by"]
            self.assertEqual(CLASSES["/slow"][0], excluded["client_aborted"])
            self.assertEqual(CLASSES["half"][0] + CLASSES["tls"][0], excluded["no_request"])
        return report

    def test_json_lines_by_udp_are_counted_once_each_by_their_host(self):
        daemon = Daemon(self, AGREEMENTS.format(service=self.HOST), listen=("udp",))
        port = daemon.port("udp")
        nginx = Nginx(self, f"syslog:server=127.0.0.1:{port}", "json_plain", "nginx")
        nginx.drive(self.HOST)
        # A TLS hello names no host: $host is then the server's name, `_`.
        report = self.check(daemon, nginx, self.HOST, noise=CLASSES["tls"][0])
        self.assertEqual(CLASSES["/slow"][0], report["counts"]["excluded_by"]["client_aborted"])
        self.assertEqual(CLASSES["half"][0], report["counts"]["excluded_by"]["no_request"])
        self.assertEqual(0, support.udp_drops(port), "the kernel dropped datagrams")

    def test_combined_lines_by_udp_are_counted_once_each_by_their_tag(self):
        daemon = Daemon(self, AGREEMENTS.format(service="frontend"), listen=("udp",))
        port = daemon.port("udp")
        nginx = Nginx(self, f"syslog:server=127.0.0.1:{port}", "combined", "frontend")
        nginx.drive(self.HOST)
        self.check(daemon, nginx, "frontend", noise=0)
        self.assertEqual(0, support.udp_drops(port), "the kernel dropped datagrams")

    def test_json_lines_to_a_unix_datagram_socket_are_counted_once_each(self):
        """A few at a time: nginx does not wait, and the kernel holds net.unix.max_dgram_qlen (10) datagrams for the
        daemon; what is more than that nginx drops, and says so in its error log."""
        daemon = Daemon(self, AGREEMENTS.format(service=self.HOST), listen=("unixgram",))
        path = daemon.url("unixgram").split("://", 1)[1]
        nginx = Nginx(self, f"syslog:server=unix:{path}", "json_plain", "nginx", ",nohostname")
        nginx.drive_slowly(self.HOST, daemon)
        self.check(daemon, nginx, self.HOST, noise=CLASSES["tls"][0])

    def test_figures_of_a_real_nginx_survive_a_kill(self):
        daemon = Daemon(self, AGREEMENTS.format(service=self.HOST), listen=("udp",))
        nginx = Nginx(self, f"syslog:server=127.0.0.1:{daemon.port('udp')}", "json_plain", "nginx")
        nginx.ask("/ok", 100, self.HOST)
        nginx.ask("/broken", 10, self.HOST)
        counts = daemon.at_rest(110)
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 1))
        before = daemon.report("web", "availability", at=at)
        self.assertEqual((100, 10), (before["counts"]["good"], before["counts"]["bad"]))
        daemon.restart()
        self.assertEqual(counts, daemon.at_rest())
        self.assertEqual(before["counts"], daemon.report("web", "availability", at=at)["counts"])


if __name__ == "__main__":
    support.main()
