"""The harness of the system tests: a real ninesd on free ports and a folder of its own, clients that talk to it,
waiting that ends, and a count at the end. Standard library only.

    python3 tests/system/test_x.py --bin build/release/bin [-v] [--seed N] [NAME ...]

Nothing sleeps in order to wait: `eventually` looks until a deadline. Every process carries TAG in its environment; what
is left of them when a file is done is a failure. Only processes that were started here are signalled, by their pid.
"""

import argparse
import atexit
import contextlib
import ctypes
import gzip
import http.client
import json
import os
import random
import resource
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.parse
from pathlib import Path

DEFAULT_BIN = "build/release/bin"
TIMEOUT_S = 30
POLL_S = 0.004
TAG = f"{os.getpid()}-{time.time_ns()}"
TAG_NAME = "NINES_SYSTEM_TEST"  # not a setting of ninesd: it ignores names it does not know
ENDINGS = ("stored", "duplicate", "in_flight")

options = argparse.Namespace()  # filled by `main`
libc = ctypes.CDLL(None, use_errno=True)


# Waiting


def eventually(look, what, timeout=TIMEOUT_S):
    """The first truthy answer of `look`. `what` (a text, or a function for one) says what was waited for."""
    deadline = time.monotonic() + timeout
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout} s: {what() if callable(what) else what}")
        time.sleep(POLL_S)


# Folders, programs and processes


def cleanup_of(owner):
    """A test's clean-up, or, for a class, that of all its tests."""
    return owner.addClassCleanup if isinstance(owner, type) else owner.addCleanup


def folder(owner, mode=0o700):
    """A folder of one's own, gone at the end. Its path is short, for sockets in it."""
    path = Path(tempfile.mkdtemp(prefix="nines-"))
    path.chmod(mode)
    cleanup_of(owner)(shutil.rmtree, path, ignore_errors=True)
    return path


def program(name):
    """Of --bin: relative to here, or to the top of the source."""
    top = Path(__file__).resolve().parent.parent.parent
    for base in (Path.cwd(), top):
        path = base / options.bin / name
        if path.is_file():
            return path.resolve()
    raise SystemExit(f"no program `{name}` in {options.bin}; build it, or name its folder with --bin DIR")


def tool(*places):
    """A program of the system; skips the test when it is not installed."""
    for place in places:
        found = shutil.which(place, path="/usr/local/sbin:/usr/sbin:/sbin:" + os.environ.get("PATH", ""))
        if found:
            return found
    raise unittest.SkipTest(f"{places[0]} is not installed")


def die_with_parent():
    libc.prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # a shell's background job inherits that it is ignored


def environment(extra=None):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NINES_")}
    kept.pop("STATE_DIRECTORY", None)
    return {**kept, TAG_NAME: TAG, **(extra or {})}


def spawn(arguments, log, env=None, **more):
    """A process whose output goes to the file `log`."""
    with open(log, "ab") as output:
        return subprocess.Popen(
            [str(argument) for argument in arguments], stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            env=environment(env), preexec_fn=die_with_parent, **more,
        )  # fmt: skip


def run(arguments, timeout=TIMEOUT_S, env=None, **more):
    """A program that ends by itself: code, stdout, stderr."""
    return subprocess.run(
        [str(argument) for argument in arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=timeout, env=environment(env), check=False, **more,
    )  # fmt: skip


def ninesd(*arguments, **more):
    return run([program("ninesd"), *arguments], **more)


def left_behind():
    """Processes that carry our tag and still run, by pid: their command lines."""
    found = {}
    wanted = f"{TAG_NAME}={TAG}".encode()
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        with contextlib.suppress(OSError):
            if wanted in (entry / "environ").read_bytes().split(b"\0"):
                found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    return found


def kill_left_behind():
    for pid in left_behind():
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)


atexit.register(kill_left_behind)


def loopback_address():
    """An address of 127.0.0.0/8 for this process alone, so that a port found free on it stays free."""
    pid = os.getpid()
    return f"127.{64 + (pid >> 16) % 64}.{(pid >> 8) & 0xFF}.{pid & 0xFF}"


def free_port(address):
    with socket.socket() as probe:
        probe.bind((address, 0))
        return probe.getsockname()[1]


# Addresses and sockets


def socket_to(url, timeout=TIMEOUT_S):
    """Connected to tcp://HOST:PORT, udp://HOST:PORT, unix://PATH or unixgram://PATH."""
    scheme, rest = url.split("://", 1)
    kind = socket.SOCK_DGRAM if scheme in ("udp", "unixgram") else socket.SOCK_STREAM
    family = socket.AF_UNIX if scheme.startswith("unix") else socket.AF_INET
    target = rest
    if family == socket.AF_INET:
        host, port = rest.rsplit(":", 1)
        target = (host, int(port))
    opened = socket.socket(family, kind)
    try:
        opened.settimeout(timeout)
        if scheme == "tcp":
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        opened.connect(target)
    except OSError:
        opened.close()
        raise
    return opened


def reset(stream):
    """Closes with RST instead of FIN."""
    stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    stream.close()


def udp_drops(port):
    """Datagrams that the kernel dropped for the UDP socket on this port."""
    rows = Path("/proc/net/udp").read_text(encoding="ascii").splitlines()[1:]
    drops = [int(row.split()[-1]) for row in rows if int(row.split()[1].rsplit(":", 1)[1], 16) == port]
    assert drops, f"no UDP socket on port {port}"
    return sum(drops)


def line_of(record):
    return json.dumps(record, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


class Answer:
    """Of an HTTP request."""

    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"HTTP {self.status} {dict(self.headers)} {self.body[:600]!r}"


class AckStream:
    """A stream that asks for acknowledgements: `durable` lines of it are judged and on disk."""

    def __init__(self, url, timeout=TIMEOUT_S):
        self.timeout = timeout
        self.sent = 0
        self.durable = 0
        self.ended = False
        self.rest = b""
        self.socket = socket_to(url, timeout)
        self.socket.sendall(b'{"nines":{"ack":true}}\n')

    def send(self, lines):
        """Whole lines, each with its line feed. Raises OSError when the stream is lost."""
        self.socket.sendall(b"".join(lines))
        self.sent += len(lines)

    def look(self, wait_s=0.0):
        """Takes what has come. Raises ConnectionError when the stream is lost."""
        while not self.ended and select.select([self.socket], [], [], wait_s)[0]:
            wait_s = 0.0
            got = self.socket.recv(65536)
            self.ended = not got
            lines = (self.rest + got).split(b"\n")
            self.rest = lines.pop()
            for line in lines:
                durable = json.loads(line)["durable"]
                if durable <= self.durable:
                    raise AssertionError(f"durable went from {self.durable} to {durable}")
                self.durable = durable
        return self.durable

    def drain(self):
        """All that still comes, of a stream whose other end is dead. Never raises."""
        with contextlib.suppress(OSError):
            deadline = time.monotonic() + self.timeout
            while not self.ended and time.monotonic() < deadline:
                self.look(0.1)
        return self.durable

    def wait(self, lines=None, timeout=None):
        """Until `lines` (else all that were sent) are durable."""
        wanted = self.sent if lines is None else lines
        deadline = time.monotonic() + (timeout or self.timeout)
        while self.look(0.05) < wanted:
            if self.ended:
                raise ConnectionError(f"the stream ended at {self.durable} of {wanted} durable lines")
            if time.monotonic() > deadline:
                raise AssertionError(f"{self.durable} of {wanted} lines durable after {timeout or self.timeout} s")

    def half_close(self):
        self.socket.shutdown(socket.SHUT_WR)

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Daemon:
    """ninesd on a data folder. `restart` starts it again on the same data. It is killed when its owner is done; one
    that ended by itself without being waited for is an error."""

    def __init__(self, owner, agreements="", listen=("tcp", "udp"), arguments=(), env=None, data=None, **more):
        self.home = folder(owner)
        self.data = Path(data) if data else self.home / "data"
        self.log_path = self.home / "log"
        self.agreements = self.home / "agreements.yaml"
        self.agreements.write_text(agreements, encoding="utf-8")
        self.listen = [self.listen_url(kind) for kind in listen]
        self.arguments = list(arguments)
        self.env = env
        self.more = more
        self.process = None
        self.endpoints = None
        self.start_s = 0.0
        cleanup_of(owner)(self.clean_up)
        self.start()

    def listen_url(self, kind):
        if "://" in kind:
            return kind
        return f"{kind}://127.0.0.1:0" if kind in ("tcp", "udp") else f"{kind}://{self.home}/{kind}.sock"

    def command(self):
        listens = [part for url in self.listen for part in ("--listen", url)]
        return [
            program("ninesd"), "--data", self.data, *listens, "--http", "127.0.0.1:0",
            "--agreements", self.agreements, *self.arguments,
        ]  # fmt: skip

    # Life

    def launch(self):
        """Starts it without waiting."""
        assert self.process is None, "it runs already"
        self.endpoints = None
        self.process = spawn(self.command(), self.log_path, env=self.env, **self.more)

    def start(self):
        path = self.data / "endpoints.json"
        before = self.stamp(path)
        began = time.monotonic()
        self.launch()

        def ready():
            if self.process.poll() is not None:
                raise AssertionError(f"ninesd ended with {self.wait()} at its start:\n{self.log()}\n{self.scene()}")
            if self.stamp(path) == before:
                return None
            endpoints = json.loads(path.read_bytes())
            return endpoints if endpoints["pid"] == self.process.pid else None

        self.endpoints = eventually(ready, lambda: f"endpoints.json of {self.process.pid}:\n{self.log()}")
        self.start_s = time.monotonic() - began
        return self

    @staticmethod
    def stamp(path):
        with contextlib.suppress(OSError):
            found = path.stat()
            return found.st_ino, found.st_mtime_ns
        return None

    @property
    def pid(self):
        return self.process.pid

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def signal(self, number):
        assert self.alive(), f"ninesd is not running:\n{self.log()}"
        self.process.send_signal(number)

    def wait(self, timeout=TIMEOUT_S):
        """Its exit code."""
        try:
            code = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"ninesd did not end within {timeout} s:\n{self.log()}") from None
        self.process = None
        return code

    def kill(self):
        self.signal(signal.SIGKILL)
        assert self.wait() == -signal.SIGKILL, f"ninesd ended by itself:\n{self.log()}"

    def terminate(self, timeout=TIMEOUT_S):
        """SIGTERM; its exit code."""
        self.signal(signal.SIGTERM)
        return self.wait(timeout)

    def restart(self):
        if self.process is not None:
            self.kill()
        return self.start()

    def clean_up(self):
        if self.process is None:
            return
        ended = self.process.poll()
        self.process.kill()
        self.process.wait(TIMEOUT_S)
        self.process = None
        assert ended is None, f"ninesd ended by itself with {ended}:\n{self.log()}"

    def log(self):
        """The end of what it said."""
        return self.log_path.read_text(encoding="utf-8", errors="replace")[-6000:] if self.log_path.exists() else ""

    def scene(self):
        """What lies around, for an end that nothing was said about."""
        left = os.statvfs(self.home)
        files = [f"{path.stat().st_size:9} {path}" for path in sorted(self.home.rglob("*")) if path.is_file()]
        return "\n".join([f"{left.f_bavail * left.f_frsize >> 20} MiB free, load {os.getloadavg()[0]:.1f}", *files])

    # Talking to it

    def url(self, kind="tcp"):
        return next(url for url in self.endpoints["ingest"] if url.startswith(f"{kind}://"))

    def port(self, kind):
        return int(self.url(kind).rsplit(":", 1)[1])

    @property
    def http_address(self):
        parts = urllib.parse.urlsplit(self.endpoints["http"])
        return parts.hostname, parts.port

    def connection(self, timeout=TIMEOUT_S):
        return http.client.HTTPConnection(*self.http_address, timeout=timeout)

    def request(self, method, path, body=None, headers=None):
        connection = self.connection()
        try:
            connection.request(method, path, body, headers or {})
            got = connection.getresponse()
            return Answer(got.status, got.headers, got.read())
        finally:
            connection.close()

    def get(self, path):
        return self.request("GET", path)

    def post(self, body, headers=None, path="/v1/events"):
        return self.request("POST", path, body, headers)

    def acks(self, kind="tcp"):
        return AckStream(self.url(kind))

    def status(self):
        """/v1/status, whose sums must agree whenever it is asked."""
        answer = self.get("/v1/status")
        assert answer.status == 200, f"/v1/status: {answer!r}"
        status = answer.json()
        counts = status["conservation"]
        total = sum(counts[name] for name in ENDINGS)
        total += sum(counts["rejected"].values()) + sum(counts["shed"].values())
        assert counts["received"] == total, f"the sums do not agree: {counts}"
        return status

    def at_rest(self, received=None, timeout=TIMEOUT_S):
        """Conservation when nothing is on its way any more, and (if given) so many lines were received."""
        seen = {}

        def rest():
            seen.update(self.status())
            counts = seen["conservation"]
            quiet = counts["in_flight"] == 0 and seen["positions"]["evaluated"] == counts["stored"]
            return counts if quiet and (received is None or counts["received"] >= received) else None

        counts = eventually(rest, lambda: f"rest at {received} received: {seen}", timeout)
        assert received is None or counts["received"] == received, f"{received} were sent: {counts}"
        return counts

    def reports(self, **query):
        """The answer to GET /v1/reports."""
        text = urllib.parse.urlencode(query)
        answer = self.get("/v1/reports" + ("?" + text if text else ""))
        assert answer.status == 200, f"/v1/reports: {answer!r}"
        return answer.json()

    def report(self, agreement, objective, **query):
        found = [
            report
            for report in self.reports(agreement=agreement, objective=objective, **query)["reports"]
            if (report["agreement"], report["objective"]) == (agreement, objective)
        ]
        assert len(found) == 1, f"{len(found)} reports of {agreement} / {objective}"
        return found[0]

    def cpu_s(self):
        """Processor time that it has used."""
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def descriptor_count(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))


def counts_of(report):
    """What most tests compare of a report."""
    counts = report["counts"]
    return {name: counts[name] for name in ("good", "bad", "excluded", "out_of_scope")}


def in_chunks(items, size):
    return (items[start : start + size] for start in range(0, len(items), size))


def post_all(daemon, lines, chunk=500):
    """Posts NDJSON and expects every line to be accepted."""
    for part in in_chunks(lines, chunk):
        answer = daemon.post(b"".join(part))
        assert answer.status == 200, f"POST /v1/events: {answer!r}"
        result = answer.json()
        assert (result["accepted"], result["rejected"], result["duplicates"]) == (len(part), 0, 0), result


def gzipped(body):
    return gzip.compress(body, 1)


def raise_descriptor_limit():
    """As many descriptors as are allowed; how many that is."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


# Running


class Result(unittest.TextTestResult):
    """Counts tests, not their parts: one with three failed parts is one failed test."""

    def failed_count(self):
        failed = {self.whole(test) for test, _ in self.failures + self.errors}
        return len(failed | {self.whole(test) for test in self.unexpectedSuccesses})

    @staticmethod
    def whole(test):
        return getattr(test, "test_case", test).id()


def main(add_options=None):
    parser = argparse.ArgumentParser(description="needs ninesd and nines in --bin")
    parser.add_argument("--bin", default=DEFAULT_BIN, help="folder of the programs (default %(default)s)")
    parser.add_argument("--seed", type=int, default=None, help="of what is random; printed")
    parser.add_argument("-v", "--verbose", action="store_true")
    parser.add_argument("names", nargs="*", help="only these tests: Class or Class.test")
    if add_options is not None:
        add_options(parser)
    parser.parse_args(namespace=options)
    if options.seed is None:
        options.seed = random.SystemRandom().randrange(1 << 32)
    program("ninesd")
    print(f"seed {options.seed}", flush=True)
    module = sys.modules["__main__"]
    loader = unittest.defaultTestLoader
    suite = loader.loadTestsFromNames(options.names, module) if options.names else loader.loadTestsFromModule(module)
    runner = unittest.TextTestRunner(sys.stdout, verbosity=2 if options.verbose else 1, resultclass=Result)
    result = runner.run(suite)
    failed = result.failed_count()
    for pid, command in left_behind().items():
        print(f"FAIL: a process is left: {pid} {command}")
        failed += 1
    kill_left_behind()
    for test, reason in result.skipped:
        print(f"skipped {test.id()}: {reason}")
    passed = max(result.testsRun - result.failed_count() - len(result.skipped), 0)
    skipped = f", {len(result.skipped)} skipped" if result.skipped else ""
    print(f"{passed} passed, {failed} failed{skipped}", flush=True)
    sys.exit(1 if failed else 0)
