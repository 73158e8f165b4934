"""Standing requests of `customer: each`: everybody has deliveries of their own. 2026-06-01 is a Monday."""

from rows import DAY, HOUR, JUNE, NOW, Row, ns, sla

WEEKLY = {"schedule": "FREQ=WEEKLY;BYDAY=MO", "within": "4h"}


def delivery(ts, customer):
    return {"service": "s", "ts": ts, "class": "standing", "customer": customer}


def rows():
    agreement = sla(
        {"o": {"method": "uptime", "target": "90%", "over": "month"}},
        customer="each",
        term={"from": "2026-06-01"},
        standing={"reports": WEEKLY},
    )
    second = JUNE + 7 * DAY
    events = [delivery(JUNE + HOUR, "c"), delivery(JUNE + HOUR, "d"), delivery(second + HOUR, "c"), delivery(second + 10 * HOUR, "d")]
    expect = {
        "o@c/incidents.count": 0, "o@c/time.bad_ns": "0",
        "o@d/incidents.count": 1, "o@d/time.bad_ns": ns(6 * HOUR),
    }  # fmt: skip
    for case, told in (("", events), ("-backwards", events[::-1])):
        yield Row(f"Standing-each{case}", [agreement], told, at=NOW, expect=expect, oracle=False)


ROWS = list(rows())
