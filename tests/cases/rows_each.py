"""`customer: each` (CONTRACT section 4): one series and report for every customer."""

from rows import clock, NOW, Row, batch, maintenance, opened, outage, resolved, sla

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
    limits = sla(
        {
            "f": {"method": "fulfilment", "within": "1h", "target": "50%", "over": "7d"},
            "r": {"method": "response", "within": "10m", "target": "50%", "over": "7d"},
        },
        customer="each",
    )
    yield Row(
        "EACH-fulfilment-and-response",
        [limits],
        [
            {"service": "s", "id": "q1", "state": "opened", "ts": NOW - 9000, "customer": "acme"},
            {"service": "s", "id": "q1", "state": "fulfilled", "ts": NOW - 8000},
            {"service": "s", "id": "q2", "state": "opened", "ts": NOW - 9000, "customer": "zed"},
            {"service": "s", "id": "q3", "state": "opened", "ts": NOW - 9000},
            {"service": "s", "id": "q3", "state": "fulfilled", "ts": NOW - 8900, "customer": "zed"},
            *outage("i1", NOW - 7200, NOW - 7000),  # everybody's, and known before zed is
            *outage("i2", NOW - 7200, NOW - 3600, customer="zed"),
        ],
        at=NOW,
        expect={
            "reports": 4,
            "f@acme/counts.good": 1,
            "f@acme/counts.bad": 0,
            "f@zed/counts.good": 1,
            "f@zed/counts.bad": 1,
            "r@acme/counts.good": 1,
            "r@acme/counts.bad": 0,
            "r@zed/counts.good": 1,
            "r@zed/counts.bad": 1,
        },
        oracle=False,
    )
    expected = [{"service": "s", "expect": {"every": "10m"}}, EACH_UPTIME]
    yield Row(
        "EACH-silence",  # whoever asks shows that the service lives
        expected,
        [
            batch(NOW - 3600, 1, customer="acme"),
            *(batch(NOW - 3600 + i * 600, 1, customer="zed") for i in range(1, 4)),
            batch(NOW - 600, 1),
        ],
        at=NOW,
        expect={"up@acme/time.unknown_ns": str(1200 * 10**9), "up@zed/time.unknown_ns": str(1200 * 10**9)},
        oracle=False,
    )
    yield Row(
        "EACH-maintenance-and-credits",
        [{**EACH, "credits": {"objective": "o", "period": "day", "below": {"99.9": "10%"}, "charge": "100.00 USD"}}],
        [
            batch(NOW - 7200, 0, 9, customer="acme"),
            batch(NOW - 7200, 0, 9, customer="zed"),
            maintenance(NOW - 8000, NOW - 7000),
            batch(NOW - 3600, 0, 9, customer="zed"),
            maintenance(NOW - 4000, NOW - 3000, "m2", customer="zed"),
            batch(NOW - 3600, 0, 9, customer="acme"),
        ],
        at=NOW,
        expect={
            "o@acme/counts.bad": 9,
            "o@acme/credit.amount_minor": 1000,
            "o@zed/counts.bad": 0,
            "o@zed/counts.excluded": 18,
            "o@zed/credit.amount_minor": 0,
        },
        oracle=False,
    )
    amended = [
        {"service": "s", "id": "r1", "ts": NOW - 60, "status": 500, "customer": "acme", "latency_ms": 9},
        {"service": "s", "id": "r2", "ts": NOW - 60, "status": 500, "customer": "zed"},
        {"kind": "outcome", "of": "r1", "outcome": "good", "ts": NOW - 50},
    ]
    yield Row(
        "EACH-outcome",
        [EACH],
        amended,
        at=NOW,
        expect={"o@acme/counts.good": 1, "o@acme/counts.bad": 0, "o@zed/counts.bad": 1, "o@acme/latency_ms.p50": "9.0"},
        oracle=False,
    )
    whole = {
        "o": "99%",
        "m": {"method": "timeslices", "slice": "1m", "slice_target": "95%", "target": "99%"},
        "both": {"method": "composite", "combine": "weighted_mean", "members": ["o", "m"], "weights": [1, 3],
                 "target": "50%"},
        "any": {"method": "composite", "combine": "any_bad", "members": ["m"], "target": "50%"},
    }  # fmt: skip
    yield Row(
        "EACH-composite",
        [sla(whole, customer="each")],
        [
            batch(NOW - 600, 3, 1, customer="acme"),
            batch(NOW - 300, 4, 0, customer="acme"),
            batch(NOW - 600, 4, 0, customer="zed"),
        ],
        at=NOW,
        expect={
            "reports": 8,
            "o@acme/sli.percent": "87.500000",
            "m@acme/sli.percent": "50.000000",
            "both@acme/sli.percent": "59.375000",
            "both@zed/sli.percent": "100.000000",
            "any@acme/slices.bad": 1,
            "any@acme/slices.good": 1,
            "any@zed/slices.bad": 0,
        },
        oracle=False,
    )
    strict = sla({"o": "99.9%", "m": whole["m"]}, customer="each", effective=clock.text_of((NOW - 3600) * clock.NS))
    yield Row(
        "EACH-versions",
        [EACH, strict],
        [
            batch(NOW - 7200, 995, 5, customer="acme"),
            batch(NOW - 1800, 995, 5, customer="acme"),
            batch(NOW - 1800, 1000, customer="zed"),
        ],
        at=NOW,
        expect={
            "reports": 4,
            "o@acme/version": 2,
            "o@acme/counts.good": 1990,
            "o@acme/parts.*.verdict": ["met", "breached"],
            "o@zed/verdict": "met",
            "m@acme/counts.good": 1990,  # a new objective is computed from all stored history
        },
        oracle=False,
    )


ROWS = list(rows())
