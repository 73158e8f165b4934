"""Credits: K1, K1b, K5, K8b, K10, K12, and what follows from SEMANTICS section 11."""

from rows import DAY, MINUTE, Row, batch, epoch, maintenance, one, outage, sla

APRIL, MAY, JUNE = (epoch(f"2026-{month:02}-01T00:00:00Z") for month in (4, 5, 6))
EC2 = {99.99: "10%", 99: "30%", 95: "100%"}
DNS = {100: "10%", 99.99: "25%", 99.5: "100%"}


def credit(percent, below=None, amount=0, currency="USD"):
    return {
        "o/credit.percent": f"{percent}.000000",
        "o/credit.below": below,
        "o/credit.amount_minor": amount,
        "o/credit.currency": currency,
    }


def document(below, method="uptime", over="30d", charge="1000.00 USD", objective=None, **credits):
    keys = {"objective": "o", "period": "month", "below": below, "charge": charge, **credits}
    keys = {key: value for key, value in keys.items() if value is not None}
    return [sla({"o": {"method": method, "target": "99.9%", "over": over, **(objective or {})}}, credits=keys)]


def down(minutes, month=APRIL):
    return outage("i", month + DAY, month + DAY + minutes * MINUTE) if minutes else []


def too_few():
    # Not enough to judge by is not enough to pay by, also where coverage decides the verdict.
    unseen = [{"kind": "state", "service": "s", "state": "unknown", "ts": APRIL}, batch(APRIL + DAY, 0, 5)]
    for events, percent in ((5, 100), (6, 0)):
        yield Row(
            f"credits-min-events-{events}",
            document(EC2, method="occurrences", over="month", objective={"min_events": events}),
            unseen,
            period="2026-04",
            expect={"o/verdict": "unknown", **credit(percent, "95" if percent else None, percent * 1000)},
        )


def tables():
    for minutes, percent, below in (
        (0, 0, None), (4, 0, None), (5, 10, "99.99"), (432, 10, "99.99"), (433, 30, "99"), (2160, 30, "99"), (2161, 100, "95"),
    ):  # fmt: skip
        expect = credit(percent, below, percent * 1000)
        yield Row(f"K1-{minutes}", document(EC2), down(minutes), at=MAY + 3 * DAY, expect=expect)
        yield Row(f"K1-{minutes}-named", document(EC2), down(minutes), period="2026-04", expect=expect)
    for minutes, percent, below in ((4, 0, None), (5, 10, "99.99")):
        yield Row(
            f"K1b-31d-{minutes}",
            document(EC2),
            down(minutes, MAY),
            at=JUNE + 10 * DAY,
            expect=credit(percent, below, percent * 1000),
        )
    for seconds, percent, below in ((259, 0, None), (260, 10, "99.99")):
        yield Row(
            f"K1b-30d-{seconds}s",
            document(EC2),
            outage("i", APRIL, APRIL + seconds),
            at=MAY,
            expect=credit(percent, below, percent * 1000),
        )
    for minutes, percent, below in (
        (0, 0, None), (1, 10, "100"), (4, 10, "100"), (5, 25, "99.99"), (216, 25, "99.99"), (217, 100, "99.5"),
    ):  # fmt: skip
        yield Row(
            f"K5-{minutes}",
            document(DNS),
            down(minutes),
            at=MAY,
            expect=credit(percent, below, percent * 1000),
        )
    for minutes, percent, below in ((35, 0, None), (43, 0, None), (44, 10, "99.9")):
        yield Row(
            f"K8b-credit-{minutes}",
            document({99.9: "10%"}),
            down(minutes),
            at=MAY,
            expect=credit(percent, below, percent * 1000),
        )


def money():
    def row(case, charge, amount, currency="USD", below=None, minutes=5, percent=10, bound="99.99", **credits):
        return Row(
            case,
            document(below or EC2, charge=charge, **credits),
            down(minutes),
            at=MAY,
            expect=credit(percent, bound, amount, currency),
        )

    yield row("K10-9.50", "9.50 USD", 0, minimum="1.00 USD")
    yield row("K10-10.00", "10.00 USD", 0, minimum="1.00 USD")
    yield row("K10-10.01", "10.01 USD", 100, minimum="1.00 USD")
    yield row("K12-lowest-only", "1000.00 USD", 30000, minutes=433, percent=30, bound="99")
    yield row("K12-cap", "1000.00 USD", 50000, minutes=2161, percent=100, bound="95", cap="50%")
    yield row("K12-cap-above", "1000.00 USD", 30000, minutes=433, percent=30, bound="99", cap="50%")
    yield row("credits-minimum-before-cap", "10.01 USD", 50, minimum="1.00 USD", cap="5%")
    yield row("credits-half-down-to-even", "0.45 USD", 4)
    yield row("credits-half-up-to-even", "0.55 USD", 6)
    yield row("credits-yen", "1005 JPY", 100, "JPY")
    yield row("credits-dinar", "1.234 BHD", 123, "BHD")
    yield row("credits-any-order", "10.00 USD", 300, below={95: "100%", 99: "30%", 99.99: "10%"}, minutes=433, percent=30, bound="99")
    yield row("credits-no-charge", None, None, None)


def periods():
    counted = document({99.9: "10%", 99: "25%"}, "occurrences")
    yield Row(
        "credits-last-period-not-window",
        counted,
        [batch(APRIL + DAY, 985, 15), batch(MAY + 5 * DAY, 995, 5), batch(JUNE + DAY, 100)],
        at=JUNE + 2 * DAY,
        expect={**credit(10, "99.9", 10000), "o/counts.bad": 5},
    )
    yield Row(
        "credits-bound-itself",
        counted,
        [batch(MAY + DAY, 999, 1)],
        at=JUNE,
        expect=credit(0),
    )
    yield Row(
        "credits-late-event-in-last-period",
        counted,
        [batch(MAY + DAY, 1000), batch(JUNE + DAY, 10), batch(JUNE - 1, 0, 5)],
        at=JUNE + 2 * DAY,
        expect=credit(10, "99.9", 10000),
    )
    yield Row("credits-no-data", counted, [batch(JUNE + DAY, 0, 9)], at=JUNE + 2 * DAY, expect=credit(0))
    yield Row(
        "credits-edge-belongs-to-next",
        counted,
        [batch(JUNE - 1, 1000), batch(JUNE, 0, 500)],
        at=JUNE + DAY,
        expect=credit(0),
    )
    yield Row(
        "credits-span-asked",
        counted,
        [batch(MAY + DAY, 980, 20), batch(JUNE + DAY, 100)],
        span=(JUNE, JUNE + 2 * DAY),
        expect={**credit(25, "99", 25000), "o/sli.percent": "100.000000"},
    )
    yield Row(
        "credits-named-quarter",
        counted,
        [batch(APRIL + DAY, 985, 15), batch(MAY + DAY, 1000)],
        period="2026-Q2",
        expect=credit(10, "99.9", 10000),
    )
    yield Row(
        "credits-maintenance-said-afterwards",
        counted,
        [batch(MAY + DAY, 1000), batch(MAY + 2 * DAY, 0, 50), maintenance(MAY + 2 * DAY, MAY + 2 * DAY + 60, ts=JUNE)],
        at=JUNE + DAY,
        expect=credit(0),
    )
    yield Row(
        "credits-timeslices",
        document({99.9: "10%"}, "timeslices", objective={"slice": "1m", "slice_target": "95%"}),
        [batch(MAY + DAY + i * MINUTE, 90 if i == 3 else 100, 10 if i == 3 else 0) for i in range(500)],
        at=JUNE + DAY,
        expect=credit(10, "99.9", 10000),
    )
    yield Row(
        "credits-term-clips",
        [{**document(EC2)[0], "term": {"from": "2026-04-16"}}],
        outage("i", APRIL + 20 * DAY, APRIL + 20 * DAY + 130),
        at=MAY + DAY,
        expect=credit(10, "99.99", 10000),
    )
    yield Row(
        "credits-other-objective-has-none",
        [
            sla(
                {"o": "99.9%", "p": "99%"},
                credits={"objective": "o", "period": "month", "below": {99.9: "10%"}, "charge": "1.00 USD"},
            )
        ],
        [batch(MAY, 1)],
        at=JUNE,
        expect={**credit(0), "p/credit": None},
    )


def refused():
    def row(case, **credits):
        return Row(f"credits-refused-{case}", document(**{"below": {99.9: "10%"}, **credits}), refused=True, oracle=False)

    yield row("falls", below={99.9: "25%", 99: "10%"})
    yield row("same-percentage", below={99.9: "10%", 99: "10%"})
    yield row("same-bound", below={"99.9": "10%", "99.90": "25%"})
    yield row("bound-above-100", below={101: "10%"})
    yield row("pays-above-100", below={99: "101%"})
    yield row("no-bound", below={})
    yield row("rolling-period", period="30d")
    yield row("cap", cap="150%")
    yield row("cap-zero", cap="0%")
    yield row("currency", charge="10 usd")
    yield row("no-currency", charge="10.00")
    yield row("yen-have-no-decimals", charge="10.50 JPY")
    yield row("cents", charge="10.505 USD")
    yield row("minimum-in-other-currency", minimum="1.00 EUR")
    yield row("minimum-without-charge", charge=None, minimum="1.00 USD")
    bare = one("occurrences", "99.9%")[0]
    for case, credits in (
        ("unknown-objective", {"objective": "p", "below": {99: "10%"}}),
        ("no-objective", {"below": {99: "10%"}}),
        ("no-below", {"objective": "o"}),
        ("unknown-key", {"objective": "o", "below": {99: "10%"}, "tier": 1}),
    ):
        yield Row(f"credits-refused-{case}", [{**bare, "credits": credits}], refused=True, oracle=False)


ROWS = [row for group in (tables, too_few, money, periods, refused) for row in group()]
