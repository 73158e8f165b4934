"""Starting, refusing to start, and stopping (CONTRACT section 2; RELIABILITY P10, P13, V-01..V-16, V-95..V-110)."""

import contextlib
import hashlib
import json
import os
import random
import shutil
import signal
import socket
import stat
import threading
import time
import unittest
from collections import Counter
from pathlib import Path

import support
from support import Daemon, eventually, line_of, ninesd
from traffic import AGREEMENTS, Traffic, figures, reported

USAGE, DAMAGED, IO_ERROR, BUSY, DENIED, BAD_CONFIG = 64, 65, 74, 75, 77, 78
STOPS_S = 6
NOBODY = 65534
ANYWHERE = ["--listen", "tcp://127.0.0.1:0", "--http", "127.0.0.1:0"]


class CommandLineTest(unittest.TestCase):
    def setUp(self):
        self.home = support.folder(self)

    def file(self, name, text):
        path = self.home / name
        path.write_text(text, encoding="utf-8")
        return path

    def expect(self, code, done):
        self.assertEqual(code, done.returncode, f"{done.args}\nstdout: {done.stdout}\nstderr: {done.stderr}")
        return done

    def test_version_and_help_go_to_stdout_and_end_well(self):
        done = self.expect(0, ninesd("--version"))
        self.assertRegex(done.stdout, r"^ninesd \d+\.\d+\.\d+")
        done = self.expect(0, ninesd("--help"))
        for word in ("--data", "--listen", "--http", "--agreements", "--config", "--check-config", "SIGTERM"):
            self.assertIn(word, done.stdout)

    def test_what_is_no_option_is_a_usage_error(self):
        for arguments in (["--nonsense"], ["stray"], ["-x"], ["--data"], ["--listen"], ["--workers", "many"]):
            with self.subTest(arguments):
                done = self.expect(USAGE, ninesd(*arguments, cwd=self.home))
                self.assertNotEqual("", done.stderr.strip())
                self.assertEqual([], os.listdir(self.home), "nothing is made")

    def test_a_good_configuration_is_checked_and_printed_and_reads_back(self):
        agreements = self.file("a.yaml", AGREEMENTS)
        config = self.file("c.yaml", f"data: {self.home}/d\nworkers: 2\nmax_future: 2m\nagreements: [{agreements}]\n")
        self.expect(0, ninesd("--config", config, "--check-config"))
        printed = self.expect(0, ninesd("--config", config, "--print-config")).stdout
        self.assertIn("workers: 2", printed)
        self.assertIn("max_future: 2m", printed)
        again = self.file("again.yaml", printed)
        self.assertEqual(printed, self.expect(0, ninesd("--config", again, "--print-config")).stdout)
        self.assertFalse((self.home / "d").exists(), "checking makes no data")

    def test_flags_win_over_the_environment_and_that_over_the_file(self):
        config = self.file("c.yaml", "workers: 1\nmax_future: 1m\nabort_after: 1s\n")
        env = {"NINES_WORKERS": "2", "NINES_MAX_FUTURE": "2m"}
        printed = self.expect(0, ninesd("--config", config, "--workers", "3", "--print-config", env=env)).stdout
        for line in ("workers: 3", "max_future: 2m", "abort_after: 1s"):
            self.assertIn(line, printed)

    def test_bad_configuration_is_refused_with_its_place(self):
        cases = {
            "duplicate key": ("workers: 1\ndata: x\nworkers: 2\n", "3:1"),
            "unknown key": ("data: x\nworker: 2\n", "2:1"),
            "wrong type": ("workers: many\n", "1:10"),
            "out of range": ("data: x\nworkers: 65\n", "2:10"),
            "number too large": ("dedupe_bytes: 99999999999999999999\n", "1:15"),
            "duration without unit": ("max_future: 5\n", "1:13"),
            "negative duration": ("max_future: -5m\n", "1:13"),
            "list for a value": ("data: [a, b]\n", "1:7"),
            "no mapping": ("- data\n", "1:1"),
            "unknown field map": ("ingest:\n  - listen: tcp://127.0.0.1:0\n    map: apache\n", "3:10"),
            "unknown listener key": ("ingest:\n  - listen: tcp://127.0.0.1:0\n    port: 1\n", "3:"),
            "listener without url": ("ingest:\n  - map: nginx-json\n", "2:5"),
            "not YAML": ("data: [x\n", ""),
            "tab indent": ("ingest:\n\t- x\n", "2:"),
            "alias": ("data: &a x\nzone: *a\n", ""),
            "invalid UTF-8": (b"data: \xff\xfe\n", ""),
            "NUL": (b"data: x\0y\n", ""),
            "deep": ("data: " + "[" * 10000 + "\n", ""),
            "too large": ("# " + "x" * (11 << 20) + "\ndata: x\n", ""),
        }
        for name, (text, place) in cases.items():
            with self.subTest(name):
                path = self.home / "bad.yaml"
                path.write_bytes(text if isinstance(text, bytes) else text.encode())
                for last in (["--check-config"], ANYWHERE):
                    done = self.expect(BAD_CONFIG, ninesd("--config", path, "--data", self.home / "d", *last))
                    self.assertIn(f"{path}:{place}", done.stderr)
                    self.assertLess(len(done.stderr), 4000)
        self.assertFalse((self.home / "d").exists(), "a bad configuration makes no data")

    def test_a_configuration_that_cannot_be_read_is_refused(self):
        for path in (self.home / "none.yaml", self.home):
            with self.subTest(path):
                done = self.expect(BAD_CONFIG, ninesd("--config", path, "--check-config"))
                self.assertIn(str(path), done.stderr)

    def test_bad_agreements_are_refused_with_their_place(self):
        head = "agreement: a\nprovider: p\nservices: [s]\n"
        cases = {
            "duplicate key": (head + "provider: q\nobjectives: {o: 99%}\n", "4:1"),
            "unknown key": (head + "objectivs: {o: 99%}\n", "4:1"),
            "target above one": (head + "objectives: {o: 100.1%}\n", "4:17"),
            "missing key": ("agreement: a\nprovider: p\nobjectives: {o: 99%}\n", ""),
            "unknown kind": ("agrement: a\n", "1:1"),
            "same name twice": (head + "objectives: {o: 99%}\n---\n" + head + "objectives: {o: 98%}\n", ""),
        }
        for name, (text, place) in cases.items():
            with self.subTest(name):
                path = self.file("bad.yaml", text)
                done = self.expect(BAD_CONFIG, ninesd("--agreements", path, "--check-config"))
                self.assertIn(f"{path}:{place}", done.stderr)

    def test_missing_agreements_are_refused(self):
        self.expect(BAD_CONFIG, ninesd("--agreements", self.home / "none.yaml", "--check-config"))

    def test_a_bad_environment_is_refused_by_name(self):
        done = self.expect(BAD_CONFIG, ninesd("--check-config", env={"NINES_WORKERS": "-1"}))
        self.assertIn("NINES_WORKERS", done.stderr)


class PlaceTest(unittest.TestCase):
    """Ports and folders that are not to be had."""

    def setUp(self):
        self.home = support.folder(self)

    def refused(self, code, *arguments, **more):
        done = ninesd("--data", self.home / "data", *arguments, **more)
        self.assertEqual(code, done.returncode, done.stderr)
        return done.stderr

    def test_a_port_in_use_is_named(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            address = "127.0.0.1:{}".format(taken.getsockname()[1])
            said = self.refused(BAD_CONFIG, "--listen", f"tcp://{address}", "--http", "127.0.0.1:0")
            self.assertIn(address, said)
            said = self.refused(BAD_CONFIG, "--listen", "tcp://127.0.0.1:0", "--http", address)
            self.assertIn(address, said)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
            taken.bind(("127.0.0.1", 0))
            address = "127.0.0.1:{}".format(taken.getsockname()[1])
            said = self.refused(BAD_CONFIG, "--listen", f"udp://{address}", "--http", "127.0.0.1:0")
            self.assertIn(address, said)
        self.assertFalse((self.home / "data" / "endpoints.json").exists(), "nobody listens")

    def test_what_is_no_address_is_refused(self):
        for url in ("tcp://127.0.0.1", "tcp://127.0.0.1:65536", "tcp://nowhere.invalid:1", "ftp://127.0.0.1:1", "tcp:",
                    "tcp://127.0.0.1:-1", "unix://" + "x" * 200, "tcp://192.0.2.1:4990"):  # fmt: skip
            with self.subTest(url):
                self.refused(BAD_CONFIG, "--listen", url, "--http", "127.0.0.1:0")
        for address in ("127.0.0.1", "127.0.0.1:65536", "nowhere.invalid:1", "127.0.0.1:x"):
            with self.subTest(address):
                self.refused(BAD_CONFIG, "--listen", "tcp://127.0.0.1:0", "--http", address)

    def test_a_unix_path_that_is_taken_is_left_alone_and_a_stale_one_is_replaced(self):
        plain = self.home / "plain"
        plain.write_text("precious")
        self.refused(BAD_CONFIG, "--listen", f"unix://{plain}", "--http", "127.0.0.1:0")
        self.assertEqual("precious", plain.read_text())
        daemon = Daemon(self, AGREEMENTS, listen=("unix",))
        self.refused(BAD_CONFIG, "--listen", daemon.url("unix"), "--http", "127.0.0.1:0")
        daemon.restart()  # killed: its socket is still there
        with daemon.acks("unix") as stream:
            stream.send(Traffic(1, time.time()).lines("u", 3))
            stream.wait()

    def test_a_second_instance_on_the_same_data_is_refused_and_harms_nothing(self):
        daemon = Daemon(self, AGREEMENTS)
        traffic = Traffic(support.options.seed, time.time())
        support.post_all(daemon, traffic.lines("one", 50))
        endpoints = (daemon.data / "endpoints.json").read_bytes()
        for _ in range(3):
            done = ninesd("--data", daemon.data, *ANYWHERE)
            self.assertEqual(BUSY, done.returncode, done.stderr)
            self.assertIn(str(daemon.data), done.stderr)
        self.assertEqual(endpoints, (daemon.data / "endpoints.json").read_bytes())
        support.post_all(daemon, traffic.lines("two", 50))
        self.assertEqual(100, daemon.at_rest(100)["stored"])

    def test_a_foreign_folder_is_refused_and_left_alone(self):
        data = self.home / "data"
        data.mkdir()
        (data / "thesis.txt").write_text("precious")
        before = snapshot(data)
        self.assertIn(str(data), self.refused(DAMAGED, *ANYWHERE))
        self.assertEqual(before, snapshot(data))
        shutil.rmtree(data)
        (data / "segments").mkdir(parents=True)
        (data / "segments" / "notes").write_text("precious")
        before = snapshot(data)
        self.refused(DAMAGED, *ANYWHERE)
        self.assertEqual(before, snapshot(data))

    def test_a_file_in_place_of_the_folder_is_refused(self):
        (self.home / "data").write_text("precious")
        done = ninesd("--data", self.home / "data", *ANYWHERE)
        self.assertIn(done.returncode, (DAMAGED, IO_ERROR, BAD_CONFIG, DENIED), done.stderr)
        self.assertIn(str(self.home / "data"), done.stderr)
        self.assertEqual("precious", (self.home / "data").read_text())

    def test_an_unreadable_folder_and_a_read_only_one_are_refused_as_denied(self):
        binary, who = self.as_nobody()
        for mode in (0o000, 0o555):
            with self.subTest(oct(mode)):
                data = self.home / f"data-{mode}"
                data.mkdir()
                data.chmod(mode)
                done = support.run([binary, "--data", data, *ANYWHERE], **who)
                data.chmod(0o700)
                self.assertEqual(DENIED, done.returncode, done.stderr)
                self.assertIn(str(data), done.stderr)
                self.assertEqual([], os.listdir(data))

    def test_data_on_a_read_only_file_system_is_refused(self):
        if os.geteuid() != 0:
            self.skipTest("mounting a read-only file system needs root")
        place = self.home / "disk"
        place.mkdir()
        done = support.run(["mount", "-t", "tmpfs", "-o", "ro,size=1m", "nines-test", place])
        if done.returncode != 0:
            self.skipTest(f"cannot mount a tmpfs: {done.stderr.strip()}")
        self.addCleanup(support.run, ["umount", "-l", place])
        done = ninesd("--data", place / "data", *ANYWHERE)
        self.assertEqual(DENIED, done.returncode, done.stderr)
        self.assertIn(str(place), done.stderr)

    def as_nobody(self):
        """The program, and how to run it as somebody whom permissions hold."""
        if os.geteuid() != 0:
            return support.program("ninesd"), {}
        self.home.chmod(0o711)
        binary = self.home / "ninesd"
        shutil.copy(support.program("ninesd"), binary)
        binary.chmod(0o755)
        return binary, {"user": NOBODY, "group": NOBODY, "extra_groups": [], "cwd": "/"}

    def test_data_is_for_its_owner_alone(self):
        daemon = Daemon(self, AGREEMENTS)
        self.assertEqual(0o700, stat.S_IMODE(daemon.data.stat().st_mode))
        for path in daemon.data.rglob("*.mdb"):
            self.assertEqual(0, stat.S_IMODE(path.stat().st_mode) & 0o077, path)


def snapshot(place):
    """Every file and what is in it."""
    return {
        str(path.relative_to(place)): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"
        for path in Path(place).rglob("*")
    }


class DamageTest(unittest.TestCase):
    """Damaged files: refused with 65 and left as they are; or not in use, and then the figures are the same."""

    @classmethod
    def setUpClass(cls):
        cls.traffic = Traffic(support.options.seed, time.time())
        daemon = Daemon(cls, AGREEMENTS)
        for number in range(4):  # several transactions, so that the file has live and stale pages
            support.post_all(daemon, cls.traffic.lines(f"d{number}", 250))
        cls.wanted = figures([event for number in range(4) for event in cls.traffic.events(f"d{number}", 250)])
        assert daemon.terminate() == 0
        cls.pristine = daemon.data
        (cls.file,) = (path.relative_to(daemon.data) for path in daemon.data.glob("segments/*/data.mdb"))
        # The file may be longer than what was ever written.
        cls.used = len((daemon.data / cls.file).read_bytes().rstrip(b"\0")) + 1

    def damaged(self, change):
        """A copy of the data whose file was changed: how that ends."""
        home = support.folder(self)
        data = home / "data"
        shutil.copytree(self.pristine, data)
        path = data / self.file
        content = bytearray(path.read_bytes())
        path.write_bytes(change(content))
        before = snapshot(data / "segments")
        agreements = home / "a.yaml"
        agreements.write_text(AGREEMENTS)
        log = home / "log"
        process = support.spawn(
            [support.program("ninesd"), "--data", data, *ANYWHERE, "--agreements", agreements], log
        )
        try:
            endpoints = data / "endpoints.json"
            eventually(lambda: process.poll() is not None or endpoints.exists(), "it starts or ends")
            if process.poll() is None:
                self.check_figures(json.loads(endpoints.read_bytes())["http"])
                return "not in use"
        finally:
            process.kill()
            code = process.wait(support.TIMEOUT_S)
        said = log.read_text(encoding="utf-8", errors="replace")
        self.assertEqual(DAMAGED, code, said)
        self.assertIn(str(data), said)
        after = snapshot(data / "segments")
        self.assertEqual(before[str(self.file.relative_to("segments"))], after[str(self.file.relative_to("segments"))])
        return "refused"

    def check_figures(self, http):
        """Through the harness's own client, of a process that it did not start."""
        daemon = Daemon.__new__(Daemon)
        daemon.endpoints = {"http": http}
        self.assertEqual(self.wanted, reported(daemon.reports()), "a figure moved")

    def test_a_file_that_is_cut_off_is_refused(self):
        for size in (0, 1, 100, 4095, 4096, 6000, 8191, 8192, 12288):
            with self.subTest(size):
                self.assertEqual("refused", self.damaged(lambda content, size=size: content[:size]))

    def test_a_file_of_zeros_or_noise_is_refused(self):
        noise = random.Random(support.options.seed)
        cases = {
            "zeros": lambda content: bytes(len(content)),
            "noise": lambda content: noise.randbytes(len(content)),
            "first page zeroed": lambda content: bytes(4096) + content[4096:],
            "second page zeroed": lambda content: content[:4096] + bytes(4096) + content[8192:],
            "text": lambda content: b"precious\n",
        }
        for name, change in cases.items():
            with self.subTest(name):
                self.assertEqual("refused", self.damaged(change))

    def test_a_flipped_bit_is_refused_or_moves_no_figure(self):
        chance = random.Random(support.options.seed)
        met = Counter()
        places = [chance.randrange(self.used) for _ in range(24)] + [chance.randrange(152) for _ in range(4)]
        places += [4096 + chance.randrange(152) for _ in range(4)]
        for place in places:
            bit = 1 << chance.randrange(8)
            with self.subTest(f"byte {place} ^ {bit}"):
                met[self.damaged(lambda content, place=place, bit=bit: self.flipped(content, place, bit))] += 1
        self.assertGreater(met["refused"], 0, f"nothing was noticed: {met}")

    @staticmethod
    def flipped(content, place, bit):
        content[place] ^= bit
        return content

    def test_a_zeroed_block_is_refused_or_moves_no_figure(self):
        chance = random.Random(support.options.seed)
        for _ in range(8):
            start = chance.randrange(self.used) // 512 * 512
            with self.subTest(f"512 bytes from {start}"):
                self.damaged(lambda content, start=start: content[:start] + bytes(512) + content[start + 512 :])

    def test_things_that_are_no_file_are_refused(self):
        for name, make in {
            "a folder": lambda path: path.mkdir(),
            "a fifo": lambda path: os.mkfifo(path),
            "a dangling link": lambda path: path.symlink_to("nowhere"),
            "a device": lambda path: path.symlink_to("/dev/zero"),
        }.items():
            with self.subTest(name):
                data = support.folder(self) / "data"
                shutil.copytree(self.pristine, data)
                (data / self.file).unlink()
                make(data / self.file)
                done = ninesd("--data", data, *ANYWHERE)
                self.assertEqual(DAMAGED, done.returncode, done.stderr)
                self.assertIn(str(data), done.stderr)


class Talker(threading.Thread):
    """A client that sends until it is cut off, or told to stop; then `durable` of its lines are acknowledged."""

    def __init__(self, daemon, traffic, name):
        super().__init__(daemon=True)
        self.stream = daemon.acks()
        self.traffic = traffic
        self.producer = name
        self.stop = threading.Event()
        self.durable = 0

    def run(self):
        made = 0
        with contextlib.suppress(OSError):
            while not self.stop.is_set():
                self.stream.send(self.traffic.lines(self.producer, 20, made))
                made += 20
                self.stream.look()
        self.durable = self.stream.drain()
        self.stream.close()


class StopTest(unittest.TestCase):
    def setUp(self):
        self.traffic = Traffic(support.options.seed, time.time())
        self.daemon = Daemon(self, AGREEMENTS)

    def talkers(self, count):
        talkers = [Talker(self.daemon, self.traffic, f"t{number}") for number in range(count)]
        for talker in talkers:
            self.addCleanup(talker.join, support.TIMEOUT_S)
            self.addCleanup(talker.stop.set)
            talker.start()
        for talker in talkers:
            eventually(lambda talker=talker: talker.stream.durable > 0, "the load has begun")
        return talkers

    def test_sigterm_while_clients_send_ends_well_and_keeps_what_was_acknowledged(self):
        talkers = self.talkers(3)
        began = time.monotonic()
        self.assertEqual(0, self.daemon.terminate())
        self.assertLess(time.monotonic() - began, STOPS_S)
        self.assertFalse((self.daemon.data / "endpoints.json").exists(), "nobody is there any more")
        for talker in talkers:
            talker.stop.set()
            talker.join(support.TIMEOUT_S)
        known = sum(talker.durable for talker in talkers)
        self.daemon.start()
        counts = self.daemon.at_rest()
        self.assertGreaterEqual(counts["stored"], known)
        # All of it again: what was acknowledged is known.
        with self.daemon.acks() as stream:
            for talker in talkers:
                stream.send(self.traffic.lines(talker.producer, talker.durable))
            stream.wait()
        self.assertGreaterEqual(self.daemon.at_rest()["duplicate"], known)

    def test_sigterm_reads_what_a_client_left_behind(self):
        """Lines in the socket of a client that has gone: the daemon is stopped while they are sent, so that none of
        them is read before it is told to end."""
        stream = self.daemon.acks()
        stream.send(self.traffic.lines("first", 1))
        stream.wait()
        self.daemon.signal(signal.SIGSTOP)
        stream.send(self.traffic.lines("rest", 1000))
        stream.half_close()
        self.daemon.signal(signal.SIGTERM)
        self.daemon.signal(signal.SIGCONT)
        stream.wait()
        eventually(lambda: stream.look(0.05) == 1001 and stream.ended, "the stream ends after its acknowledgements")
        stream.close()
        self.assertEqual(0, self.daemon.wait(STOPS_S))
        self.daemon.start()
        self.assertEqual(1001, self.daemon.at_rest()["stored"])
        events = self.traffic.events("first", 1) + self.traffic.events("rest", 1000)
        self.assertEqual(figures(events), reported(self.daemon.reports()))

    def test_sigterm_reads_datagrams_that_have_arrived(self):
        self.daemon.signal(signal.SIGSTOP)
        with support.socket_to(self.daemon.url("udp")) as out:
            for line in self.traffic.lines("udp", 100):
                out.send(line)
        self.assertEqual(0, support.udp_drops(self.daemon.port("udp")))
        self.daemon.signal(signal.SIGTERM)
        self.daemon.signal(signal.SIGCONT)
        self.assertEqual(0, self.daemon.wait(STOPS_S))
        self.daemon.start()
        self.assertEqual(100, self.daemon.at_rest()["stored"])

    def test_a_client_that_says_nothing_does_not_hold_the_stop_up(self):
        silent = support.socket_to(self.daemon.url())
        half = support.socket_to(self.daemon.url())
        half.sendall(b'{"service":"checkout","sta')
        web = socket.create_connection(self.daemon.http_address, timeout=support.TIMEOUT_S)
        web.sendall(b"POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
        with self.daemon.acks() as stream:
            stream.send(self.traffic.lines("s", 1))
            stream.wait()
            self.assertEqual(0, self.daemon.terminate(STOPS_S))
        for each in (silent, half, web):
            each.close()

    def test_a_second_sigterm_ends_at_once_and_loses_nothing_acknowledged(self):
        talkers = self.talkers(2)
        self.daemon.signal(signal.SIGTERM)
        eventually(lambda: "stopping" in self.daemon.log(), "it drains")
        began = time.monotonic()
        if self.daemon.alive():
            self.daemon.signal(signal.SIGTERM)
        self.daemon.wait()
        self.assertLess(time.monotonic() - began, 2)
        for talker in talkers:
            talker.stop.set()
            talker.join(support.TIMEOUT_S)
        self.daemon.start()
        self.assertGreaterEqual(self.daemon.at_rest()["stored"], sum(talker.durable for talker in talkers))

    def test_sighup_and_sigpipe_do_not_end_it(self):
        pid = self.daemon.pid
        for number in (signal.SIGHUP, signal.SIGPIPE, signal.SIGHUP):
            self.daemon.signal(number)
            support.post_all(self.daemon, self.traffic.lines(f"after-{number}-{time.monotonic_ns()}", 3))
        self.assertEqual(pid, self.daemon.pid)
        self.assertTrue(self.daemon.alive())
        self.assertEqual(9, self.daemon.at_rest(9)["stored"])

    def test_figures_before_a_stop_are_those_after_the_start(self):
        lines = self.traffic.lines("f", 2000)
        support.post_all(self.daemon, lines)
        self.daemon.at_rest(2000)
        before = self.daemon.reports(at=self.traffic.at)
        wanted = figures(self.traffic.events("f", 2000))
        self.assertEqual(wanted, reported(before))
        for stop in (self.daemon.terminate, self.daemon.kill):
            stop()
            self.daemon.start()
            self.assertEqual(before, self.daemon.reports(at=self.traffic.at))
            self.assertEqual(wanted, reported(self.daemon.reports()))
            self.assertEqual(2000, self.daemon.at_rest()["stored"])

    def test_it_starts_without_arguments(self):
        """In a folder of its own, where it makes nines-data; its own ports may be in use by somebody else."""
        home = support.folder(self)
        log = home / "log"
        process = support.spawn([support.program("ninesd")], log, cwd=home)
        try:
            endpoints = home / "nines-data" / "endpoints.json"
            eventually(lambda: process.poll() is not None or endpoints.exists(), "it starts or ends")
            if process.poll() == BAD_CONFIG and "in use" in log.read_text():
                self.skipTest("the default ports are in use here")
            told = json.loads(endpoints.read_bytes())
            self.assertEqual(["tcp://127.0.0.1:4990", "udp://127.0.0.1:4990"], told["ingest"])
            self.assertEqual("http://127.0.0.1:4991", told["http"])
            process.send_signal(signal.SIGTERM)
            self.assertEqual(0, process.wait(STOPS_S))
        finally:
            process.kill()
            process.wait(support.TIMEOUT_S)


class RememberedIdsTest(unittest.TestCase):
    """What repeats are recognised by, over a restart (SEMANTICS section 10)."""

    def test_ids_and_their_horizon_survive_a_restart(self):
        daemon = Daemon(self, AGREEMENTS)

        def remembered():
            lines = daemon.get("/metrics").body.decode().splitlines()
            return [line for line in lines if line.startswith("nines_dedupe_")]

        body = b"".join(line_of({"service": "web", "id": f"r{i}", "status": 200}) for i in range(500))
        self.assertEqual(200, daemon.post(body).status)
        daemon.at_rest()
        before = remembered()
        self.assertIn("nines_dedupe_ids 500", before)
        self.assertEqual(3, len(before), before)
        daemon.restart()
        self.assertEqual(before, remembered())
        answer = daemon.post(body).json()
        self.assertEqual((0, 500), (answer["accepted"], answer["duplicates"]))


if __name__ == "__main__":
    support.main()
