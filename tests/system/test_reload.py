"""SIGHUP: agreements and configuration read again while ingest goes on (CONTRACT sections 2 and 7).

Figures after a reload are those of a restart with the same documents: what has occurred is judged by what was in force
then. A bad document leaves everything as it was and says so; nothing that is sent meanwhile is lost or refused."""

import signal
import socket
import threading
import time
import unittest

import support
from support import Daemon, eventually, line_of, socket_to

SHOP = """\
agreement: shop
provider: shop
services: [checkout]
objectives:
  availability: 99.9%
"""
WITH_CARDS = SHOP + """\
---
agreement: cards
provider: shop
services: [cards]
objectives:
  availability: 99%
  fast: 50% < 300ms
"""
BROKEN = SHOP.replace("99.9%", "lots")
RELOADED_S = 10


def utc(ns):
    whole = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(ns // 10**9))
    return f"{whole}.{ns % 10**9:09}Z"


def counts(report):
    return report["counts"]["good"], report["counts"]["bad"]


class ReloadTest(unittest.TestCase):
    def setUp(self):
        self.daemon = Daemon(self, SHOP)

    def reload(self, agreements, wait_for="reloaded in"):
        before = self.daemon.log().count(wait_for)
        self.daemon.agreements.write_text(agreements, encoding="utf-8")
        self.daemon.signal(signal.SIGHUP)
        eventually(
            lambda: self.daemon.log().count(wait_for) > before, lambda: f"a reload: {self.daemon.log()}", RELOADED_S
        )

    def metric(self, name):
        lines = self.daemon.get("/metrics").body.decode().splitlines()
        return [line.split()[-1] for line in lines if line.split(" ")[0].split("{")[0] == name]

    def post(self, service, count, status=200):
        body = b"".join(line_of({"service": service, "status": status, "latency_ms": 5}) for _ in range(count))
        answer = self.daemon.post(body)
        self.assertEqual(200, answer.status, answer)

    def names(self):
        return [found["agreement"] for found in self.daemon.get("/v1/agreements").json()["agreements"]]

    def test_a_new_agreement_is_judged_from_all_that_was_stored(self):
        self.post("cards", 90)
        self.post("cards", 10, status=503)
        self.post("checkout", 5)
        self.assertEqual(["shop"], self.names())
        self.reload(WITH_CARDS)
        self.assertEqual(["shop", "cards"], self.names())
        self.assertEqual((90, 10), counts(self.daemon.report("cards", "availability")))
        self.assertEqual((5, 0), counts(self.daemon.report("shop", "availability")))
        self.post("cards", 3)
        self.assertEqual((93, 10), counts(self.daemon.report("cards", "fast")))
        self.daemon.restart()
        self.assertEqual((93, 10), counts(self.daemon.report("cards", "availability")))
        self.assertEqual((5, 0), counts(self.daemon.report("shop", "availability")))

    def test_an_agreement_that_is_gone_is_gone_everywhere(self):
        self.reload(WITH_CARDS)
        self.post("cards", 4)
        self.assertEqual(3, len(self.metric("nines_objective_ratio")))
        self.reload(SHOP)
        self.assertEqual(["shop"], self.names())
        self.assertEqual(1, len(self.metric("nines_objective_ratio")))
        self.assertEqual(404, self.daemon.get("/v1/reports?agreement=cards").status)
        self.assertEqual(404, self.daemon.get("/v1/agreements/cards").status)

    def test_a_bad_document_changes_nothing_and_says_so(self):
        self.post("checkout", 7)
        self.assertEqual(["1"], self.metric("nines_config_last_reload_successful"))
        self.reload(BROKEN, "reload refused")
        self.assertEqual(["0"], self.metric("nines_config_last_reload_successful"))
        ready = self.daemon.get("/readyz")
        self.assertEqual(200, ready.status, "it goes on with what it had")
        self.assertIn("agreements.yaml:5:", ready.body.decode())
        self.assertIn("agreements.yaml:5:", self.daemon.log())
        self.post("checkout", 1)
        self.assertEqual((8, 0), counts(self.daemon.report("shop", "availability")))
        self.reload(WITH_CARDS)
        self.assertEqual(["1"], self.metric("nines_config_last_reload_successful"))
        self.assertEqual("ok\n", self.daemon.get("/readyz").body.decode())

    def test_match_rules_are_replaced_on_open_streams_too(self):
        shop = "service: checkout\nmatch: {host: old.example}\n---\n" + SHOP
        self.reload(shop)
        stream = self.daemon.acks()
        line = line_of({"host": "new.example", "status": 200})
        stream.send([line_of({"host": "old.example", "status": 200}), line])
        stream.wait(2)
        self.assertEqual((1, 0), counts(self.daemon.report("shop", "availability")))
        self.reload(shop.replace("old.example", "new.example"))
        stream.send([line])
        stream.wait(3)
        self.assertEqual((3, 0), counts(self.daemon.report("shop", "availability")), "what was stored unmatched counts now")
        stream.close()

    def test_ingest_and_questions_go_on_through_reloads(self):
        sent, wrong, stop = [0], [], threading.Event()

        def send():
            with socket_to(self.daemon.url()) as stream:
                while not stop.is_set():
                    stream.sendall(line_of({"service": "checkout", "status": 200}) * 100)
                    sent[0] += 100
                stream.shutdown(socket.SHUT_WR)
                stream.recv(1)

        def ask():
            while not stop.is_set():
                answer = self.daemon.get("/v1/reports")
                reports = answer.json()["reports"] if answer.status == 200 else []
                if len(reports) not in (1, 3) or reports[0]["agreement"] != "shop":
                    wrong.append(answer)

        threads = [threading.Thread(target=work) for work in (send, ask, ask)]
        for thread in threads:
            thread.start()
        try:
            for i in range(10):
                self.reload(WITH_CARDS if i % 2 == 0 else SHOP)
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        self.assertEqual([], wrong)
        self.daemon.at_rest(sent[0])
        self.assertEqual((sent[0], 0), counts(self.daemon.report("shop", "availability")))

    def parts(self):
        report = self.daemon.report("shop", "availability")
        return report["version"], [(part["version"], part["sli"] and part["sli"]["denominator"]) for part in report["parts"]]

    def test_what_alters_judgement_is_a_version_from_then_on(self):
        self.post("checkout", 90)
        self.post("checkout", 10, status=503)
        self.reload(SHOP.replace("99.9%", "50%"))
        self.post("checkout", 40)
        report = self.daemon.report("shop", "availability")
        self.assertEqual((130, 10), counts(report))
        self.assertEqual((2, [(1, "100"), (2, "40")]), self.parts())
        self.assertEqual("breached", report["verdict"], "what was missed before stays missed")
        self.assertEqual("20.1", report["budget"]["total"])
        self.reload(SHOP.replace("99.9%", "50%").replace("provider: shop", "provider: store"))
        self.assertEqual((2, [(1, "100"), (2, "40")]), self.parts(), "a change of text makes no version")
        self.daemon.restart()
        self.assertEqual((2, [(1, "100"), (2, "40")]), self.parts())
        self.daemon.terminate()
        self.daemon.agreements.write_text(SHOP, encoding="utf-8")
        self.daemon.start()
        self.post("checkout", 5)
        self.assertEqual((3, [(1, "100"), (2, "40"), (3, "5")]), self.parts(), "a change before a start, too")
        known = self.daemon.get("/v1/agreements/shop").json()["versions"]
        self.assertEqual([1, 2, 3], [version["version"] for version in known])
        self.assertEqual([None, known[0]["effective"]["to"]], [version["effective"]["from"] for version in known[:2]])

    def test_a_new_objective_is_judged_from_all_that_was_stored(self):
        self.post("checkout", 8)
        self.reload(SHOP.replace("99.9%", "90%") + "  fast: 50% < 300ms\n")
        self.post("checkout", 2)
        self.assertEqual((10, 0), counts(self.daemon.report("shop", "fast")))
        self.assertEqual((10, 0), counts(self.daemon.report("shop", "availability")))

    def test_a_version_comes_into_force_by_the_clock(self):
        soon = time.time_ns() + 2 * 10**9
        second = SHOP.replace("99.9%", "50%") + f"effective: {utc(soon)}\n"
        before = self.daemon.log().count("reloaded in")
        self.reload(SHOP + "---\n" + second)
        self.post("checkout", 7)
        self.assertEqual((1, []), self.parts())
        eventually(lambda: self.daemon.log().count("reloaded in") > before + 1, "the second version", RELOADED_S)
        self.assertGreaterEqual(time.time_ns(), soon)
        self.post("checkout", 3)
        self.assertEqual((2, [(1, "7"), (2, "3")]), self.parts())

    def test_a_damaged_record_of_versions_is_refused(self):
        record = self.daemon.data / "agreements.yaml"
        self.daemon.terminate()
        record.write_text(record.read_text(encoding="utf-8").replace("agreement: shop", "agrement: shop"), encoding="utf-8")
        self.daemon.launch()
        self.assertEqual(78, self.daemon.wait())
        self.assertIn("agreements.yaml:1:1: the record of versions cannot be read", self.daemon.log())

    def test_other_settings_are_named_as_needing_a_start(self):
        home = support.folder(self)
        config = home / "nines.yaml"
        agreements = home / "other.yaml"
        agreements.write_text(SHOP.replace("agreement: shop", "agreement: other"), encoding="utf-8")
        config.write_text("max_future: 5m\n", encoding="utf-8")
        daemon = self.daemon = Daemon(self, SHOP, arguments=["--config", config])
        config.write_text("max_future: 7m\n", encoding="utf-8")
        self.reload(WITH_CARDS)
        self.assertIn("next start only: max_future", daemon.log())
        config.write_text("max_future: sometimes\n", encoding="utf-8")
        self.reload(SHOP, "reload refused")
        self.assertIn("nines.yaml:1:", daemon.log())
        self.assertEqual(["shop", "cards"], self.names())

    def test_ten_thousand_agreements_load_and_reload_at_once(self):
        many = "---\n".join(SHOP.replace("shop\n", f"a{i}\n", 1).replace("checkout", f"s{i}") for i in range(10000))
        self.reload(many)
        took = self.daemon.log().rsplit("reloaded in ", 1)[1].split(" ms: ")
        self.assertLess(int(took[0]), 2000)
        self.assertEqual(10000, int(took[1].split()[0]))

    def test_an_end_in_the_middle_of_reloads_is_a_clean_end(self):
        self.post("checkout", 3000)
        for _ in range(5):
            self.daemon.signal(signal.SIGHUP)
        self.assertEqual(0, self.daemon.terminate())
        self.daemon.start()
        self.assertEqual((3000, 0), counts(self.daemon.report("shop", "availability")))


if __name__ == "__main__":
    support.main()
