"""Profiles and time before the term: I5 (Icinga DB's vectors), X2, L1, and what follows from SEMANTICS sections 3, 6 and 8."""

from rows import NOW, Row, epoch, maintenance, one, outage, sla, state

RANGE = (1000, 2000)
WORDS = {0: "up", 2: "down", 99: "unknown"}


def hard(ts, now, previous=None):
    """Icinga's `t:s(p)`."""
    return state(ts, WORDS[now], **({} if previous is None else {"previous": WORDS[previous]}))


def icinga(**keys):
    return [sla({"o": {"method": "uptime", "target": "99.9%", "over": "1h"}}, profile="icinga", **keys)]


VECTORS = (
    ("EmptyHistory", [], "100.000000", RANGE),
    (
        "MultipleStateChanges",
        [
            hard(1000, 2, 99), hard(1100, 0, 2), hard(1300, 2, 0), hard(1400, 0, 2), hard(1600, 2, 0),
            hard(1700, 0, 2), hard(1900, 2, 0),
        ],
        "60.000000",
        RANGE,
    ),
    ("FractionOneThird", [hard(1000, 2, 99), hard(1100, 0, 2)], "66.666667", (1000, 1300)),
    (
        "OverlappingDowntimesAndProblems",
        [maintenance(1100, 1300, "m1"), maintenance(1400, 1600, "m2"), hard(1200, 2, 0), hard(1500, 0, 2)],
        "90.000000",
        RANGE,
    ),
    ("CriticalBeforeInterval", [hard(0, 2, 99)], "0.000000", RANGE),
    ("FallbackToCurrentState", [hard(2500, 2)], "0.000000", RANGE),
    ("PreferInitialStateFromBeforeOverCurrentState", [hard(800, 2, 99), hard(2500, 0)], "0.000000", RANGE),
    ("InitialUnknownReducesTotalTime", [hard(1500, 2, 99), hard(1700, 0, 2), hard(2500, 0)], "60.000000", RANGE),
)  # fmt: skip


def icinga_rows():
    for name, events, percent, span in VECTORS:
        yield Row(f"I5-{name}", icinga(), events, at=3000, span=span, expect={"sli.percent": percent}, oracle=False)
    yield Row(
        "I5-current-at-the-end",  # without --at the current state is asked for at the span's end, or the first known
        icinga(),
        [hard(2500, 2)],
        span=RANGE,
        expect={"sli.percent": "0.000000"},
        oracle=False,
    )
    yield Row(
        "I5-default-profile-knows-nothing-before",
        one("uptime", "99.9%", "1h"),
        [hard(2500, 2)],
        at=3000,
        span=RANGE,
        expect={"verdict": "unknown", "sli": None},
        oracle=False,
    )
    yield Row(
        "X2-icinga",
        icinga(),
        [*outage("i1", 1200, 1500), maintenance(1100, 1300, "m1"), maintenance(1400, 1600, "m2")],
        span=RANGE,
        expect={"sli.percent": "90.000000", "maintenance.ignored": "70.000000"},
        oracle=False,
    )
    yield Row(
        "X2-icinga-own-policy-wins",
        icinga(maintenance={"policy": "ignored"}),
        [*outage("i1", 1200, 1500), maintenance(1100, 1300, "m1"), maintenance(1400, 1600, "m2")],
        span=RANGE,
        expect={"sli.percent": "70.000000"},
        oracle=False,
    )


def empty_rows():
    for profile in ("aws", "azure"):
        agreement = sla({"o": "99.9%", "own": {"target": "99.9%", "no_data": "unknown"}}, profile=profile)
        yield Row(
            f"O4-{profile}",
            [agreement],
            at=NOW,
            expect={"o/sli.percent": "100.000000", "o/verdict": "met", "own/verdict": "no_data"},
            oracle=False,
        )


def before_term():
    start, day20 = epoch("2026-06-16T00:00:00Z"), epoch("2026-06-20T00:00:00Z")
    for name, keys, percent, verdict, total in (
        ("clip", {}, "99.861111", "breached", "1296000000000"),
        ("good", {"pre_term": "good"}, "99.930556", "met", "2592000000000"),
    ):
        objective = {"method": "uptime", "target": "99.9%", "over": "month", **keys}
        yield Row(
            f"L1-{name}",
            [sla({"o": objective}, term={"from": "2026-06-16"})],
            outage("i1", day20, day20 + 1800),
            period="2026-06",
            expect={"sli.percent": percent, "verdict": verdict, "budget.total": total},
            oracle=False,
        )
    slices = {"method": "timeslices", "slice": "1h", "slice_target": "50%", "target": "99%", "over": "month"}
    yield Row(
        "L1-good-slices",
        [sla({"o": {**slices, "pre_term": "good"}}, term={"from": "2026-06-16"})],
        [{"service": "s", "ts": start + 10, "status": 500}, {"service": "s", "ts": start - 10, "status": 500}],
        period="2026-06",
        expect={"slices.good": 15 * 24, "slices.bad": 1, "counts.excluded_by.term": 1},
        oracle=False,
    )
    yield Row(
        "L1-good-outage-before",  # what failed before the term is none of the agreement's business
        [sla({"o": {"method": "uptime", "target": "99.9%", "over": "month", "pre_term": "good"}}, term={"from": "2026-06-16"})],
        outage("i1", start - 3600, start + 60),
        period="2026-06",
        expect={"time.bad_ns": "60000000000"},
        oracle=False,
    )


ROWS = [*icinga_rows(), *empty_rows(), *before_term()]
