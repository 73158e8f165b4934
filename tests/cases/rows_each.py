"""`customer: each` (CONTRACT section 4): one series and report for every customer."""

from rows import NOW, Row, batch, opened, outage, resolved, sla

EACH = sla({"o": "99%"}, customer="each")
EACH_UPTIME = sla({"up": {"method": "uptime", "target": "99%", "over": "1d"}}, customer="each")


def rows():
    yield Row(
        "EACH-requests",
        [EACH],
        [
            batch(NOW - 60, 99, 1, customer="acme"),
            batch(NOW - 50, 5, customer="zed"),
            batch(NOW - 40, 1, 7),
            batch(NOW - 30, 3, 3, customer="other", service="t"),
            batch(NOW - 20, 1, customer="acme"),
        ],
        at=NOW,
        expect={
            "reports": 2,
            "o@acme/counts.good": 100,
            "o@acme/counts.bad": 1,
            "o@acme/sli.percent": "99.009901",
            "o@zed/counts.good": 5,
            "o@zed/counts.bad": 0,
        },
        oracle=False,
    )
    yield Row("EACH-nobody-yet", [EACH], [batch(NOW - 60, 9)], at=NOW, expect={"reports": 0}, oracle=False)
    yield Row(
        "EACH-beside-pooled-and-named",
        [EACH, {**sla({"p": "99%"}), "agreement": "b"}, {**sla({"q": "99%"}, customer="acme"), "agreement": "c"}],
        [batch(NOW - 60, 2, customer="acme"), batch(NOW - 50, 3, customer="zed"), batch(NOW - 40, 4)],
        at=NOW,
        expect={
            "reports": 4,
            "p/counts.good": 9,
            "q/counts.good": 2,
            "o@acme/counts.good": 2,
            "o@zed/counts.good": 3,
        },
        oracle=False,
    )
    yield Row(
        "EACH-incidents",
        [EACH_UPTIME],
        [
            *outage("i1", NOW - 7200, NOW - 3600, customer="acme"),
            *outage("i2", NOW - 1800, NOW - 900),
            opened("i3", NOW - 1700, customer="zed", service="t"),
            resolved("i3", NOW - 1600, customer="zed", service="t"),
            {"kind": "state", "service": "s", "state": "up", "ts": NOW - 100, "customer": "yon"},
        ],
        at=NOW,
        expect={
            "reports": 2,
            "up@acme/time.bad_ns": str((3600 + 900) * 10**9),
            "up@yon/time.bad_ns": str(900 * 10**9),
        },
        oracle=False,
    )


ROWS = list(rows())
