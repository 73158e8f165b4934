"""Time that is set aside: `nines exclude`, and maintenance from and to calendars (`nines maintenance import`, `export`)."""

import json
import unittest

import support
from support import Daemon, program, run

AGREEMENTS = """\
agreement: shop
provider: us
services: [web]
objectives:
  uptime: {method: uptime, target: 99%, over: month}
---
maintenance: yearly
services: [web, mail]
start: 2026-01-04T02:00:00Z
end: 2026-01-04T04:00:00.5Z
reason: "racks, cables; \\"all\\""
author: ann
---
maintenance: weekly
services: [mail]
start: 2026-01-05T01:00:00Z
end: 2026-01-05T02:00:00Z
rrule: FREQ=MONTHLY;BYDAY=1MO,-1FR;UNTIL=20261231T235959Z
"""
AT = "2026-07-01T00:00:00Z"

CALENDAR = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//somebody//calendar//EN
BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:STANDARD
DTSTART:19701025T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
UID:plain@x
SUMMARY:new disk\\, and a lo
 ng reason
ORGANIZER;CN="Ann, operations":mailto:ann@example.org
DTSTART:20260602T020000Z
DURATION:PT1H30M
BEGIN:VALARM
ACTION:DISPLAY
TRIGGER:-PT15M
DURATION:PT5M
END:VALARM
END:VEVENT
BEGIN:VEVENT
UID:utc-rule
DTSTART:20260601T010000Z
DTEND:20260601T020000Z
RRULE:FREQ=WEEKLY;BYDAY=MO,WE;COUNT=4
ORGANIZER:mailto:bob@example.org
END:VEVENT
BEGIN:VEVENT
UID:over-the-change
DTSTART;TZID=Europe/Berlin:20260327T230000
DTEND;TZID=Europe/Berlin:20260328T010000
RRULE:FREQ=DAILY;COUNT=4
EXDATE;TZID=Europe/Berlin:20260328T230000
END:VEVENT
BEGIN:VEVENT
UID:over-the-change
RECURRENCE-ID;TZID=Europe/Berlin:20260329T230000
DTSTART;TZID=Europe/Berlin:20260329T200000
DTEND;TZID=Europe/Berlin:20260329T203000
SUMMARY:earlier\\, once
END:VEVENT
BEGIN:VEVENT
UID:by-local-clocks
DTSTART;TZID=Europe/Berlin:20260201T023000
DTEND;TZID=Europe/Berlin:20260201T033000
RRULE:FREQ=WEEKLY;BYDAY=SU
END:VEVENT
BEGIN:VEVENT
UID:whole-day
DTSTART;VALUE=DATE:20260610
END:VEVENT
BEGIN:VEVENT
UID:called-off
DTSTART:20260615T000000Z
DTEND:20260615T010000Z
STATUS:CANCELLED
END:VEVENT
END:VCALENDAR
"""


def maintenance(name, start, end, **more):
    event = {"kind": "maintenance", "id": name, "state": "scheduled", "service": ["web"], "start": start, "end": end}
    return {**event, **more}


IMPORTED = [
    maintenance("plain@x", "2026-06-02T02:00:00Z", "2026-06-02T03:30:00Z", reason="new disk, and a long reason",
                author="Ann, operations"),
    maintenance("utc-rule", "2026-06-01T01:00:00Z", "2026-06-01T02:00:00Z", rrule="FREQ=WEEKLY;COUNT=4;BYDAY=MO,WE",
                author="bob@example.org"),
    maintenance("over-the-change/20260327T220000Z", "2026-03-27T22:00:00Z", "2026-03-28T00:00:00Z"),
    maintenance("over-the-change/20260330T210000Z", "2026-03-30T21:00:00Z", "2026-03-30T23:00:00Z"),
    maintenance("over-the-change/20260329T210000Z", "2026-03-29T18:00:00Z", "2026-03-29T18:30:00Z",
                reason="earlier, once"),
    maintenance("by-local-clocks", "2026-02-01T01:30:00Z", "2026-02-01T02:30:00Z", rrule="FREQ=WEEKLY;BYDAY=SU",
                zone="Europe/Berlin"),
    maintenance("whole-day", "2026-06-10T00:00:00Z", "2026-06-11T00:00:00Z"),
    {"kind": "maintenance", "id": "called-off", "state": "cancelled"},
]  # fmt: skip


class Base(unittest.TestCase):
    def nines(self, *arguments, code=0):
        done = run([program("nines"), *arguments])
        self.assertEqual(code, done.returncode, f"{done.args}\n{done.stdout}\n{done.stderr}")
        return done.stdout if code == 0 else done.stderr


class ExcludeTest(Base):
    def setUp(self):
        self.daemon = Daemon(self, AGREEMENTS)
        outage = ({"kind": "incident", "id": "I-1", "service": "web", "ts": f"2026-06-10T{at}:00:00Z", "state": state}
                  for at, state in (("10", "open"), ("12", "resolved")))  # fmt: skip
        self.daemon.post("".join(json.dumps(event) + "\n" for event in outage))

    def ask(self, *arguments, code=0):
        return self.nines(*arguments, "--data", self.daemon.data, code=code)

    def hours_down(self):
        report = self.daemon.report("shop", "uptime", period="2026-06")
        return int(report["time"]["bad_ns"]) / 3600e9

    def test_only_what_is_approved_changes_figures(self):
        who = ["--reason", "power cut, not ours", "--author", "ann"]
        self.assertEqual(2, self.hours_down())
        self.assertIn("X-1 proposed", self.ask("exclude", "propose", "X-1", "--incident", "I-1", *who))
        self.assertEqual(2, self.hours_down())
        self.assertIn("X-1 approved", self.ask("exclude", "approve", "X-1", "--author", "bob"))
        self.assertEqual(0, self.hours_down())
        self.ask("exclude", "dispute", "X-1", "--reason", "it was yours")
        self.assertEqual(2, self.hours_down())
        self.ask("exclude", "withdraw", "X-1")
        span = ["--service", "web", "--start", "2026-06-10T10:30:00Z", "--end", "2026-06-10T11:00:00Z"]
        self.ask("exclude", "propose", "X-2", *span, *who)
        self.ask("exclude", "approve", "X-2")
        self.assertEqual(1.5, self.hours_down())
        self.ask("exclude", "reject", "X-2")
        self.assertEqual(2, self.hours_down())

    def test_the_list_tells_the_last_word(self):
        who = ["--reason", "power cut", "--author", "ann"]
        self.assertEqual("no exclusions\n", self.ask("exclude"))
        self.ask("exclude", "propose", "X-1", "--incident", "I-1", *who)
        span = ["--service", "web", "--start", "2026-06-10T10:30:00Z", "--end", "2026-06-10T11:00:00Z"]
        self.ask("exclude", "propose", "X-2", *span, *who, "--customer", "acme")
        self.ask("exclude", "approve", "X-2", "--author", "bob", "--reason", "agreed")
        lines = self.ask("exclude", "list").splitlines()
        self.assertEqual(3, len(lines))
        self.assertRegex(lines[1], r"^X-1 +proposed +ann +incident I-1: power cut$")
        self.assertRegex(lines[2], r"^X-2 +approved +bob +web 2026-06-10T10:30:00Z \.\. 2026-06-10T11:00:00Z "
                                   r"for acme: agreed$")  # fmt: skip
        told = json.loads(self.ask("exclude", "--state", "approved", "--json"))["exclusions"]
        self.assertEqual(["X-2"], [one["id"] for one in told])
        self.assertEqual((["web"], None), (told[0]["service"], told[0]["incident"]))
        evidence = json.loads(self.ask("explain", "shop", "uptime", "--period", "2026-06", "--json"))["evidence"]
        self.assertIn("agreed", [item["reason"] for item in evidence["items"] if item["type"] == "exclusion"])

    def test_slips_are_refused(self):
        who = ["--reason", "r", "--author", "a"]
        for arguments, words in (
            (["propose", "X"], "--incident"), (["propose", "X", *who, "--incident", "I", "--service", "s"], "not of both"),
            (["propose", "X", "--incident", "I"], "--reason"), (["approve"], "an id"), (["forget", "X"], "propose"),
            (["propose", "X", *who, "--service", "web", "--start", "2026-06-01"], "--end"),
            (["propose", "X", *who, "--service", "web", "--start", "2026-06-02", "--end", "2026-06-01"], "end must be"),
        ):  # fmt: skip
            with self.subTest(arguments):
                self.assertIn(words, self.ask("exclude", *arguments, code=2))


SYSTEM = """\
service: web
requires: [line, rack]
---
component: line
owner: acme
---
component: rack
owner: us
---
agreement: shop
provider: us
customer: acme
services: [web]
objectives:
  uptime: {method: uptime, target: 99%, over: month}
  answers: {target: 99%, over: month}
"""


class ProposalTest(Base):
    """What a component of the customer's brings about is proposed for exclusion by the engine itself."""

    def setUp(self):
        self.daemon = Daemon(self, SYSTEM)
        records = [{"service": "web", "customer": "acme", "status": 500, "ts": "2026-06-02T10:30:00Z"}]
        for name, component in (("I1", "line"), ("I2", "rack")):
            common = {"kind": "incident", "id": name, "component": component}
            records.append({**common, "ts": "2026-06-02T10:00:00Z"})
            records.append({**common, "state": "resolved", "ts": f"2026-06-02T1{name[1]}:00:00Z"})
        self.assertEqual(200, self.daemon.post(b"".join(map(support.line_of, records))).status)

    def proposed(self, objective):
        answer = self.daemon.get(f"/v1/reports/shop/{objective}/evidence?at=2026-06-30T00:00:00Z")
        items = [item for item in answer.json()["items"] if item.get("proposed")]
        return [(item["type"], item["id"], item["component"], item["count"], item["end"]) for item in items]

    def down_h(self):
        return int(self.daemon.report("shop", "uptime", at="2026-06-30T00:00:00Z")["time"]["bad_ns"]) // 3600 // 10**9

    def say(self, word, name="I1", *more):
        self.nines("exclude", word, name, "--url", self.daemon.endpoints["http"], *more)

    def test_it_stands_in_the_evidence_until_it_is_decided(self):
        for objective, count in (("uptime", "0"), ("answers", 0)):
            self.assertEqual([("exclusion", "I1", "line", count, "2026-06-02T11:00:00Z")], self.proposed(objective))
        self.assertEqual(2, self.down_h())
        self.say("approve")
        self.assertEqual(([], 1), (self.proposed("uptime"), self.down_h()))
        answers = self.daemon.report("shop", "answers", at="2026-06-30T00:00:00Z")["counts"]
        self.assertEqual((0, 1), (answers["bad"], answers["excluded_by"]["exclusion"]))
        self.say("dispute")
        self.assertEqual((1, 2), (len(self.proposed("uptime")), self.down_h()))
        self.say("reject")
        self.assertEqual(([], 2), (self.proposed("uptime"), self.down_h()))

    def test_it_stands_in_the_list_until_somebody_speaks_of_it(self):
        def listed():
            found = self.daemon.get("/v1/exclusions").json()["exclusions"]
            return [(one["id"], one["state"], one["incident"], one.get("agreement"), one["customer"]) for one in found]

        self.assertEqual([("I1", "proposed", "I1", "shop", "acme")], listed())
        self.assertRegex(self.nines("exclude", "list", "--url", self.daemon.endpoints["http"]), "I1 +proposed .*incident I1")
        self.say("approve")
        self.assertEqual([("I1", "approved", "I1", None, None)], listed())

    def test_an_exclusion_of_another_id_decides_too(self):
        self.say("approve", "X", "--incident", "I1", "--reason", "customer", "--author", "ann")
        self.assertEqual(([], 1), (self.proposed("uptime"), self.down_h()))


class CalendarTest(Base):
    def setUp(self):
        self.home = support.folder(self)

    def file(self, text, name="calendar.ics"):
        path = self.home / name
        path.write_text(text, encoding="utf-8", newline="")
        return path

    def events(self, text, *more):
        told = self.nines("maintenance", "import", self.file(text), "--dry-run", *more)
        return [json.loads(line) for line in told.splitlines()]

    def test_events_of_a_calendar(self):
        for text in (CALENDAR, CALENDAR.replace("\n", "\r\n")):
            self.assertEqual(IMPORTED, self.events(text, "--services", "web"))

    def test_times_without_a_zone_are_those_of_the_option(self):
        event = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:u\nDTSTART:20260701T100000\nDURATION:P1D\nEND:VEVENT\nEND:VCALENDAR\n"
        told = self.events(event, "--service", "a", "--service", "b", "--zone", "America/New_York")
        self.assertEqual(("2026-07-01T14:00:00Z", "2026-07-02T14:00:00Z"), (told[0]["start"], told[0]["end"]))
        self.assertEqual(["a", "b"], told[0]["service"])

    def test_a_rule_without_an_end_goes_through_a_date(self):
        event = ("BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:u\nDTSTART;TZID=Europe/Berlin:20260701T100000\nDURATION:PT1H\n"
                 "RRULE:FREQ=DAILY\nEXDATE;TZID=Europe/Berlin:20260702T100000\nEND:VEVENT\nEND:VCALENDAR\n")  # fmt: skip
        told = self.events(event, "--services", "web,mail", "--through", "2026-07-10")
        self.assertEqual((8, ["web", "mail"]), (len(told), told[0]["service"]))

    def test_days_of_a_calendar_are_as_long_as_they_are(self):
        event = ("BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:u\nDTSTART;VALUE=DATE:20260328\nDTEND;VALUE=DATE:20260329\n"
                 "RRULE:FREQ=DAILY;COUNT=3\nEND:VEVENT\nEND:VCALENDAR\n")  # fmt: skip
        told = self.events(event, "--services", "web", "--zone", "Europe/Berlin")
        self.assertEqual([("2026-03-27T23:00:00Z", "2026-03-28T23:00:00Z"), ("2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"),
                          ("2026-03-29T22:00:00Z", "2026-03-30T22:00:00Z")], [(one["start"], one["end"]) for one in told])  # fmt: skip

    def test_a_rule_that_gets_an_exception_does_not_count_both_ways(self):
        daemon = Daemon(self, AGREEMENTS)
        rule = ("BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:u\nDTSTART;TZID=Europe/Berlin:20260601T100000\nDURATION:PT1H\n"
                "RRULE:FREQ=DAILY;COUNT=3\nEND:VEVENT\nEND:VCALENDAR\n")  # fmt: skip
        exception = rule.replace("END:VEVENT", "EXDATE;TZID=Europe/Berlin:20260602T100000\nEND:VEVENT")
        for text, expected in ((rule, "1 scheduled, 0 cancelled"), (exception, "2 scheduled, 1 cancelled"),
                               (exception, "0 scheduled, 0 cancelled"), (rule, "1 scheduled, 2 cancelled")):  # fmt: skip
            told = self.nines("maintenance", "import", self.file(text), "--services", "web", "--data", daemon.data)
            self.assertIn(expected, told)

    def test_local_times_are_given_as_the_clocks_show_them(self):
        daemon = Daemon(self, AGREEMENTS)
        self.nines("maintenance", "add", "m", "--service", "web", "--zone", "Europe/Berlin", "--start", "2026-03-01T02:30:00",
                   "--end", "2026-03-01T03:30:00", "--rrule", "FREQ=WEEKLY", "--data", daemon.data)  # fmt: skip
        told = self.nines("maintenance", "list", "--data", daemon.data)
        self.assertRegex(told, "m +scheduled +2026-03-01T01:30:00Z  2026-03-01T02:30:00Z  web; FREQ=WEEKLY by the clocks of")
        self.assertIn("DTSTART;TZID=Europe/Berlin:20260301T023000", self.nines("maintenance", "export", "--data", daemon.data))

    def test_what_cannot_be_taken_is_refused_with_its_line(self):
        def calendar(*lines):
            body = ("BEGIN:VCALENDAR", "BEGIN:VEVENT", *lines, "END:VEVENT", "END:VCALENDAR")
            return "\n".join(body) + "\n"

        start, end = "DTSTART:20260701T100000Z", "DTEND:20260701T110000Z"
        for lines, line, words in (
            (("UID:u", start, end, "RRULE:FREQ=YEARLY"), 6, "FREQ must be DAILY"),
            (("UID:u", start, end, "RRULE:FREQ=DAILY;BYHOUR=2"), 6, "only FREQ, INTERVAL"),
            (("UID:u", start, end, "RDATE:20260801T100000Z"), 6, "RDATE is not understood"),
            (("UID:u", start, "DTEND:20260701T100000Z"), 5, "end must be greater"),
            (("UID:u", start), 4, "no DTEND"), (("UID:u", end), 2, "no DTSTART"), ((start, end), 2, "UID"),
            (("UID:u", "DTSTART;TZID=Nowhere/City:20260701T100000", end), 4, "no time zone 'Nowhere/City'"),
            (("UID:u", "DTSTART:yesterday", end), 4, "DTSTART"),
        ):  # fmt: skip
            with self.subTest(lines):
                path = self.file(calendar(*lines))
                told = self.nines("maintenance", "import", path, "--dry-run", "--services", "web", code=1)
                self.assertIn(f"calendar.ics:{line}: ", told)
                self.assertIn(words, told)
        both = calendar("UID:u", start, "END:VEVENT", "BEGIN:VEVENT", "UID:v", end)
        told = self.nines("maintenance", "import", self.file(both), "--dry-run", "--services", "web", code=1)
        self.assertEqual(2, told.count("\n"), "all of a file in one go")
        no_service = self.nines("maintenance", "import", self.file(calendar("UID:u", start, end)), "--dry-run", code=1)
        self.assertIn("--services", no_service)
        self.assertIn("not an iCalendar file", self.nines("maintenance", "import", self.file("hello"), code=1))

    def test_what_is_exported_is_imported_as_the_same(self):
        daemon = Daemon(self, AGREEMENTS)
        where = ["--data", daemon.data]
        told = self.nines("maintenance", "import", self.file(CALENDAR), "--services", "web", *where)
        self.assertIn("7 scheduled, 1 cancelled", told)
        again = self.nines("maintenance", "import", self.file(CALENDAR), "--services", "web", *where)
        self.assertIn("8 unchanged", again)
        strange = {"kind": "maintenance", "id": "odd", "service": ["web", "a,b;c\\d"], "customer": "acme, inc",
                   "start": "2026-06-01T00:00:00.000000001Z", "end": "2026-06-01T00:00:01Z",
                   "reason": "two\nlines; a, b \\ \"c\"", "author": "Ö \"the\" ^ boss:"}  # fmt: skip
        self.assertEqual(1, daemon.post(json.dumps(strange)).json()["accepted"])
        exported = self.nines("maintenance", "export", *where)
        self.assertTrue(all(len(line.encode()) <= 75 for line in exported.splitlines()), "folded")

        other = Daemon(self, AGREEMENTS.split("---")[0])
        self.nines("maintenance", "import", self.file(exported, "out.ics"), "--data", other.data)
        before, after = (json.loads(one.get("/v1/maintenance?limit=1000").body)["maintenance"] for one in (daemon, other))
        named = [{key: value for key, value in entry.items() if key not in ("position", "document")} for entry in before]
        self.assertEqual([entry for entry in named if entry["start"]],
                         [{key: value for key, value in entry.items() if key not in ("position", "document")}
                          for entry in after])  # fmt: skip
        self.assertEqual(exported, self.nines("maintenance", "export", "--data", other.data))
        reports = [one.report("shop", "uptime", at=AT)["time"] for one in (daemon, other)]
        self.assertEqual(*reports)

    def test_the_list(self):
        daemon = Daemon(self, AGREEMENTS)
        lines = self.nines("maintenance", "list", "--data", daemon.data).splitlines()
        self.assertRegex(lines[1], r"^yearly +scheduled +2026-01-04T02:00:00Z  2026-01-04T04:00:00Z  web, mail")
        self.assertIn("FREQ=MONTHLY", lines[2])


if __name__ == "__main__":
    support.main()
