"""OpenSLO v1 files: M1 to M3 and D9 through them, and what follows from CONTRACT section 4. The oracle reads agreements
of ours only, so all rows are without it; they are chosen such that the expected figures need no tool."""

from rows import Row, batch

AT = "2026-06-10T12:00:00Z"
GOOD = [2, 10, 12, 13, 13, 12, 13, 13, 12, 11]
TOTAL = [4, 10, 12, 13, 14, 15, 14, 13, 12, 11]

SERVICE = {"apiVersion": "openslo/v1", "kind": "Service", "metadata": {"name": "s"}, "spec": {"description": "the shop"}}


def source(spec=None, kind="nines"):
    return {"metricSource": {"type": kind} if spec is None else {"type": kind, "spec": spec}}


def ratio(good=None, bad=None, total=None):
    metric = {"bad": source(bad)} if bad is not None else {"good": source(good)}
    return {"ratioMetric": {"counter": "true", **metric, "total": source(total)}}


def sli(name="i", **keys):
    return {"apiVersion": "openslo/v1", "kind": "SLI", "metadata": {"name": name}, "spec": keys or ratio()}


def slo(objectives, indicator=None, window=None, method="Occurrences", name="a", **more):
    spec = {"service": "s", "budgetingMethod": method, "objectives": objectives, **more}
    if "indicatorRef" not in more and indicator != "none":
        spec["indicator"] = {"metadata": {"name": "i"}, "spec": indicator or ratio()}
    if window is not None:
        spec["timeWindow"] = [window]
    return {"apiVersion": "openslo/v1", "kind": "SLO", "metadata": {"name": name}, "spec": spec}


def rolling(duration):
    return {"duration": duration, "isRolling": "true"}


def calendar(duration, start="2026-01-01 00:00:00", zone="UTC"):
    return {"duration": duration, "calendar": {"startTime": start, "timeZone": zone}, "isRolling": "false"}


def policy(name, condition_ref=None, condition=None, **keys):
    item = {"conditionRef": condition_ref} if condition_ref else {"kind": "AlertCondition", "metadata": {"name": "c"}, **condition}
    spec = {"alertWhenBreaching": "true", "conditions": [item], **keys}
    return {"apiVersion": "openslo/v1", "kind": "AlertPolicy", "metadata": {"name": name}, "spec": spec}


def burn(threshold, lookback, after=None, severity="page", op="gt"):
    condition = {"kind": "burnrate", "op": op, "threshold": threshold, "lookbackWindow": lookback}
    if after is not None:
        condition["alertAfter"] = after
    return {"spec": {"severity": severity, "condition": condition}}


def condition(name, *arguments, **keys):
    return {"apiVersion": "openslo/v1", "kind": "AlertCondition", "metadata": {"name": name}, **burn(*arguments, **keys)}


def loads(row_id, documents, events, expect, at=AT, **more):
    return Row(f"OSLO-{row_id}", documents, events, at=at, expect=expect, oracle=False, **more)


def refused(row_id, documents):
    return Row(f"OSLO-{row_id}", documents, refused=True, oracle=False)


def methods():
    """One stream, ten slices of an hour, three budgeting methods (gist nobl9-mikec/a1a55d97)."""
    events = [batch(f"2026-06-10T{2 + i:02d}:30:00Z", g, t - g) for i, (g, t) in enumerate(zip(GOOD, TOTAL, strict=True))]
    window = rolling("10h")
    yield loads(
        "M1",
        [SERVICE, slo([{"target": 0.95}], window=window)],
        events,
        {"agreement": "a", "customer": None, "objective": "o1", "method": "occurrences", "target": "95", "over": "10h",
         "counts.good": 111, "counts.bad": 7, "sli.percent": "94.067797", "budget.consumed_percent": "118.644068",
         "verdict": "breached"},
    )  # fmt: skip
    yield loads(
        "M2",
        [SERVICE, slo([{"target": 0.95, "timeSliceTarget": 0.95, "timeSliceWindow": "1h"}], window=window, method="Timeslices")],
        events,
        {"method": "timeslices", "slices.good": 6, "slices.bad": 4, "sli.percent": "60.000000",
         "budget.consumed_percent": "800.000000"},
    )  # fmt: skip
    yield loads(
        "M2-minutes",  # a number alone is minutes
        [SERVICE, slo([{"targetPercent": 95, "timeSliceTarget": 0.95, "timeSliceWindow": 60}], window=window, method="Timeslices")],
        events,
        {"slices.good": 6, "slices.bad": 4},
    )
    yield loads(
        "M3",
        [SERVICE, slo([{"target": 0.95, "timeSliceWindow": "1h"}], window=window, method="RatioTimeslices")],
        events,
        {"method": "ratio_timeslices", "sli.percent": "91.571429", "budget.consumed_percent": "168.571429"},
    )


def windows():
    def over(window, objectives=None, **keys):
        return [SERVICE, slo(objectives or [{"target": 0.9}], window=window, **keys)]

    for name, window, start, end in (
        ("month", calendar("1M"), "2026-06-01T00:00:00Z", "2026-07-01T00:00:00Z"),
        ("month-from-its-end", calendar("1M", "2026-01-31 00:00:00"), "2026-05-31T00:00:00Z", "2026-06-30T00:00:00Z"),
        ("two-months", calendar("2M"), "2026-05-01T00:00:00Z", "2026-07-01T00:00:00Z"),
        ("quarter", calendar("1Q", "2026-02-01 00:00:00"), "2026-05-01T00:00:00Z", "2026-08-01T00:00:00Z"),
        ("year", calendar("1Y", "2020-03-01 00:00:00"), "2026-03-01T00:00:00Z", "2027-03-01T00:00:00Z"),
        ("week-of-its-own", calendar("1w", "2022-01-01 12:00:00", "America/New_York"), "2026-06-06T16:00:00Z",
         "2026-06-13T16:00:00Z"),
        ("two-weeks", calendar("2w", "2026-06-01 00:00:00"), "2026-06-01T00:00:00Z", "2026-06-15T00:00:00Z"),
        ("day-at-noon", calendar("1d", "2020-01-21 12:30:00", "America/New_York"), "2026-06-09T16:30:00Z",
         "2026-06-10T16:30:00Z"),
        ("ten-days", calendar("10d", "2026-06-05 00:00:00", "Europe/Berlin"), "2026-06-04T22:00:00Z", "2026-06-14T22:00:00Z"),
        ("date-alone", calendar("1M", "2026-01-15"), "2026-05-15T00:00:00Z", "2026-06-15T00:00:00Z"),
    ):  # fmt: skip
        yield loads(
            f"calendar-{name}",
            over(window),
            [batch("2026-01-01T00:00:00Z", 3), batch(start, 5), batch("2026-06-10T11:59:59Z", 0, 1)],
            {"window.kind": "calendar", "window.start": start, "window.end": end, "counts.good": 5, "counts.bad": 1},
        )
    yield loads("calendar-implied", over({"duration": "1M", "calendar": {"startTime": "2026-01-01 00:00:00", "timeZone": "UTC"}}),
                [batch(AT, 1)], {"window.kind": "calendar", "over": "month"})  # fmt: skip
    yield loads("rolling-implied", over({"duration": "4w"}), [batch("2026-06-10T11:00:00Z", 1)], {"over": "28d"})
    yield loads("no-window", [SERVICE, slo([{"target": 0.9}])], [batch("2026-06-10T11:00:00Z", 1)], {"over": "30d"})
    for name, window in (
        ("D9", rolling("1m")),
        ("D9-calendar", calendar("1m")),
        ("D9-rolling-month", rolling("1M")),
        ("quarter-rolls", rolling("1Q")),
        ("seconds", rolling("90000s")),
        ("fraction", rolling("1.5d")),
        ("hours-in-a-calendar", calendar("12h")),
        ("eleven-years", calendar("11Y")),
        ("rolling-calendar", {**calendar("1M"), "isRolling": "true"}),
        ("neither", {"duration": "30d", "isRolling": "false"}),
        ("no-duration", {"isRolling": "true"}),
        ("zone", calendar("1M", zone="Mars/Phobos")),
        ("no-zone", {"duration": "1M", "calendar": {"startTime": "2026-01-01 00:00:00"}}),
        ("no-start", {"duration": "1M", "calendar": {"timeZone": "UTC"}}),
        ("start-with-zone", calendar("1M", "2026-01-01T00:00:00Z")),
        ("start-that-is-not", calendar("1M", "2026-02-30 00:00:00")),
    ):
        yield refused(f"window-{name}", over(window))
    yield refused("window-two", [SERVICE, slo([{"target": 0.9}], timeWindow=[rolling("1d"), rolling("2d")])])
    yield refused("window-mapping", [SERVICE, slo([{"target": 0.9}], timeWindow=rolling("1d"))])


def targets():
    for name, objective, target in (
        ("fraction", {"target": 0.999}, "99.9"),
        ("percent", {"targetPercent": 99.9}, "99.9"),
        ("nine-digits", {"target": "0.999999999"}, "99.9999999"),
        ("whole", {"target": 1}, "100"),
    ):
        yield loads(f"target-{name}", [SERVICE, slo([objective])], [batch("2026-06-10T11:00:00Z", 1)], {"target": target})
    for name, objective in (
        ("ten-digits", {"target": "0.9999999999"}),
        ("percent-in-disguise", {"target": 99.9}),
        ("zero", {"target": 0}),
        ("none", {}),
        ("both", {"target": 0.9, "targetPercent": 90}),
        ("percent-above", {"targetPercent": 100.1}),
        ("exponent", {"target": "9e-1"}),
        ("negative", {"target": "-0.9"}),
    ):
        yield refused(f"target-{name}", [SERVICE, slo([objective])])


def names():
    yield loads(
        "names",
        [SERVICE, slo([{"target": 0.9}, {"displayName": "Foo Total Errors", "target": 0.98}, {"target": 0.99}])],
        [batch("2026-06-10T11:00:00Z", 1)],
        {"reports": 3, "o1/target": "90", "Foo Total Errors/target": "98", "o3/target": "99"},
    )
    yield refused("names-twice", [SERVICE, slo([{"displayName": "x", "target": 0.9}, {"displayName": "x", "target": 0.8}])])
    yield refused("names-taken", [SERVICE, slo([{"displayName": "o2", "target": 0.9}, {"target": 0.8}])])
    yield refused("agreement-twice", [SERVICE, slo([{"target": 0.9}]), slo([{"target": 0.8}])])
    ours = {"agreement": "a", "provider": "p", "services": ["s"], "objectives": {"o": "90%"}}
    yield refused("agreement-of-ours-twice", [SERVICE, slo([{"target": 0.9}]), ours])
    yield refused("service-twice", [SERVICE, SERVICE, slo([{"target": 0.9}])])
    yield refused("service-of-ours-twice", [SERVICE, {"service": "s"}, slo([{"target": 0.9}])])
    yield refused("sli-twice", [SERVICE, sli(), sli(), slo([{"target": 0.9}])])
    yield refused("unknown-key", [SERVICE, slo([{"target": 0.9, "targte": 0.8}])])
    yield refused("unknown-key-of-spec", [SERVICE, slo([{"target": 0.9}], tags=["x"])])
    yield refused("other-version", [{**SERVICE, "apiVersion": "openslo/v1alpha"}])
    kind = {**SERVICE, "kind": "DataSource", "metadata": {"name": "d"}, "spec": {"anything": {"at": "all"}}}
    yield loads("unknown-kind-warns", [SERVICE, kind, slo([{"target": 0.9}])], [batch("2026-06-10T11:00:00Z", 1)], {"reports": 1})
    labels = {**SERVICE, "metadata": {"name": "s", "labels": {"team": ["a", "b"], "x": "y"}, "annotations": {"a/b": "c"}}}
    yield loads("labels-are-free", [labels, slo([{"target": 0.9}])], [batch("2026-06-10T11:00:00Z", 1)], {"reports": 1})


def references():
    events = [batch("2026-06-10T11:00:00Z", 3, 1)]
    by_ref = slo([{"target": 0.5}], indicatorRef="i")
    yield loads("sli-after", [by_ref, SERVICE, sli()], events, {"counts.good": 3, "counts.bad": 1})
    yield loads("service-of-ours", [{"service": "s"}, slo([{"target": 0.5}])], events, {"counts.good": 3})
    listed = "\n".join(
        ["- apiVersion: openslo/v1", "  kind: Service", "  metadata: {name: s}", "- apiVersion: openslo/v1", "  kind: SLI",
         "  metadata: {name: i}", "  spec:", "    ratioMetric:", "      good: {metricSource: {type: nines}}",
         "      total: {metricSource: {type: nines}}", ""]
    )  # fmt: skip
    yield loads("list-of-objects", [listed, by_ref], events, {"counts.good": 3, "counts.bad": 1})
    yield refused("sli-unknown", [SERVICE, by_ref])
    yield refused("service-unknown", [slo([{"target": 0.5}])])
    yield refused("no-indicator", [SERVICE, slo([{"target": 0.5}], indicator="none")])
    both = slo([{"target": 0.5}])
    both["spec"]["indicatorRef"] = "i"
    yield refused("two-indicators", [SERVICE, sli(), both])
    yield refused("policy-unknown", [SERVICE, slo([{"target": 0.5}], alertPolicies=[{"alertPolicyRef": "p"}])])
    yield refused(
        "condition-unknown", [SERVICE, policy("p", "c"), slo([{"target": 0.5}], alertPolicies=[{"alertPolicyRef": "p"}])]
    )


def indicators():
    def request(**more):
        return {"service": "s", "ts": "2026-06-10T11:00:00Z", **more}

    mixed = [
        request(status=200, customer="acme", latency_ms=100),
        request(status=500, customer="acme", latency_ms=400),
        request(status=404, customer="bolt", latency_ms=300, **{"class": "standing"}),
    ]
    for name, indicator, good, bad in (
        ("default", ratio(), 2, 1),
        ("good-status", ratio(good={"status": "200-299"}), 1, 2),
        ("good-latency", ratio(good={"latency": "<=300ms"}), 2, 1),
        ("bad-status", ratio(bad={"status": "400-599"}), 1, 2),
        ("bad-latency", ratio(bad={"latency": ">=300ms"}), 1, 2),
        ("bad-default", {"ratioMetric": {"bad": source(), "total": source()}}, 2, 1),
        ("total-customer", ratio(total={"customer": "acme"}), 1, 1),
        ("total-class", ratio(total={"class": "standing"}), 1, 0),
        ("total-both", ratio(total={"class": "standing", "customer": "acme"}), 0, 0),
    ):
        yield loads(
            f"indicator-{name}",
            [SERVICE, slo([{"target": 0.5}], indicator)],
            mixed,
            {"counts.good": good, "counts.bad": bad},
        )
    for name, op, value, unit, good, bad in (
        ("lte", "lte", 300, "ms", 2, 1),
        ("lt", "lt", 300, "ms", 1, 2),
        ("seconds", "lt", 0.4, "s", 2, 1),
        ("microseconds", "lte", 100000, "us", 1, 2),
    ):
        yield loads(
            f"threshold-{name}",
            [SERVICE, slo([{"target": 0.5, "op": op, "value": value}], {"thresholdMetric": source({"latency": unit})})],
            mixed,
            {"counts.good": good, "counts.bad": bad},
        )
    yield loads(
        "threshold-total",
        [SERVICE, slo([{"target": 0.5, "op": "lte", "value": 300}], {"thresholdMetric": source({"latency": "ms", "class": "adhoc"})})],
        mixed,
        {"counts.good": 1, "counts.bad": 1},
    )  # fmt: skip
    latency = {"thresholdMetric": source({"latency": "ms"})}
    for name, objective, indicator in (
        ("prometheus", {"target": 0.5}, {"ratioMetric": {"good": source({"query": "x"}, "Prometheus"), "total": source()}}),
        ("good-and-bad", {"target": 0.5}, {"ratioMetric": {"good": source(), "bad": source(), "total": source()}}),
        ("no-total", {"target": 0.5}, {"ratioMetric": {"good": source()}}),
        ("no-good", {"target": 0.5}, {"ratioMetric": {"total": source()}}),
        ("raw", {"target": 0.5}, {"ratioMetric": {"raw": source(), "rawType": "success"}}),
        ("no-type", {"target": 0.5}, {"ratioMetric": {"good": {"metricSource": {"spec": {}}}, "total": source()}}),
        ("total-of-good", {"target": 0.5}, ratio(total={"status": "<500"})),
        ("good-key", {"target": 0.5}, ratio(good={"query": "x"})),
        ("two-metrics", {"target": 0.5}, {**ratio(), **latency}),
        ("threshold-no-op", {"target": 0.5, "value": 300}, latency),
        ("threshold-no-value", {"target": 0.5, "op": "lte"}, latency),
        ("threshold-gte", {"target": 0.5, "op": "gte", "value": 300}, latency),
        ("threshold-no-unit", {"target": 0.5, "op": "lte", "value": 300}, {"thresholdMetric": source()}),
        ("threshold-unit", {"target": 0.5, "op": "lte", "value": 300}, {"thresholdMetric": source({"latency": "hours"})}),
        ("threshold-too-fine", {"target": 0.5, "op": "lte", "value": "0.0001"}, {"thresholdMetric": source({"latency": "us"})}),
    ):
        yield refused(f"indicator-{name}", [SERVICE, slo([objective], indicator)])
    for name, method, objective in (
        ("no-slice", "Timeslices", {"target": 0.9, "timeSliceTarget": 0.9}),
        ("no-slice-target", "Timeslices", {"target": 0.9, "timeSliceWindow": "1h"}),
        ("ratio-no-slice", "RatioTimeslices", {"target": 0.9}),
        ("slice-that-does-not-divide", "RatioTimeslices", {"target": 0.9, "timeSliceWindow": "7m"}),
        ("slice-of-a-month", "RatioTimeslices", {"target": 0.9, "timeSliceWindow": "1M"}),
        ("slice-of-none", "RatioTimeslices", {"target": 0.9, "timeSliceWindow": 0}),
        ("slice-target-of-95", "Timeslices", {"target": 0.9, "timeSliceTarget": 95, "timeSliceWindow": "1h"}),
        ("method", "Timeslice", {"target": 0.9, "timeSliceTarget": 0.9, "timeSliceWindow": "1h"}),
    ):
        yield refused(f"method-{name}", [SERVICE, slo([objective], window=rolling("30d"), method=method)])


def alerts():
    outage_of_an_hour = [batch("2026-06-10T10:00:00Z", 100), batch("2026-06-10T11:30:00Z", 0, 100)]
    uses = [{"alertPolicyRef": "p"}]
    yield loads(
        "alerts",
        [SERVICE, condition("c", 6, "6h", "30m"), policy("p", "c"), slo([{"target": 0.9}], alertPolicies=uses)],
        outage_of_an_hour,
        {"alerts.*.severity": ["page"], "alerts.*.long": ["6h"], "alerts.*.short": ["30m"], "alerts.*.threshold": ["6"],
         "alerts.*.long_burn": ["5"], "alerts.*.short_burn": ["10"], "alerts.*.firing": [False]},
    )  # fmt: skip
    yield loads(
        "alerts-at-once",  # nothing to wait for: the long lookback alone
        [SERVICE, policy("p", condition=burn(4, "6h", "0m", "ticket")), slo([{"target": 0.9}], alertPolicies=["p"])],
        outage_of_an_hour,
        {"alerts.*.severity": ["ticket"], "alerts.*.short": ["6h"], "alerts.*.firing": [True], "alert": "ticket"},
    )
    for op, firing in (("gt", False), ("gte", True)):
        yield loads(
            f"alerts-{op}",
            [SERVICE, slo([{"target": 0.9}], alertPolicies=[policy("p", condition=burn(5, "6h", op=op))])],
            outage_of_an_hour,
            {"alerts.*.firing": [firing]},
        )
    yield loads(
        "alerts-quiet",
        [SERVICE, policy("p", condition=burn(4, "6h"), alertWhenBreaching="false"), slo([{"target": 0.9}], alertPolicies=uses)],
        outage_of_an_hour,
        {"alerts.*.severity": []},
    )
    for name, item, firing in (("below", burn(4, "6h", op="lte"), []), ("no-op", burn(4, "6h"), [True])):
        if name == "no-op":
            del item["spec"]["condition"]["op"]
        yield loads(
            f"alerts-{name}",  # the one is left out, the other means above
            [SERVICE, policy("p", condition=item), slo([{"target": 0.9}], alertPolicies=uses)],
            outage_of_an_hour,
            {"alerts.*.firing": firing},
        )
    yield loads("alerts-default", [SERVICE, slo([{"target": 0.99}])], outage_of_an_hour, {"alerts.*.threshold": ["14.4", "6", "3", "1"]})
    for name, item in (
        ("op", burn(2, "1h", op="above")),
        ("above-1/B", burn(10.5, "1h")),
        ("longer-than-the-window", burn(2, "31d")),
        ("after-longer", burn(2, "1h", "2h")),
        ("month", burn(2, "1M")),
        ("zero", burn(0, "1h")),
        ("no-severity", {"spec": {"condition": burn(2, "1h")["spec"]["condition"]}}),
        ("no-condition", {"spec": {"severity": "page"}}),
        ("kind", {"spec": {"severity": "page", "condition": {**burn(2, "1h")["spec"]["condition"], "kind": "burn"}}}),
    ):
        yield refused(f"alerts-{name}", [SERVICE, slo([{"target": 0.9}], alertPolicies=[policy("p", condition=item)])])
    two = policy("p", condition=burn(2, "1h"))
    two["spec"]["conditions"] *= 2
    yield refused("alerts-two-conditions", [SERVICE, slo([{"target": 0.9}], alertPolicies=[two])])
    mixed = [policy("p", condition=burn(2, "1h")), policy("q", condition=burn(2, "2h", op="gte"))]
    yield refused("alerts-gt-and-gte", [SERVICE, slo([{"target": 0.9}], alertPolicies=mixed)])
    yield refused("policy-twice", [SERVICE, policy("p", condition=burn(2, "1h")), policy("p", condition=burn(2, "1h"))])
    yield refused("condition-twice", [SERVICE, condition("c", 2, "1h"), condition("c", 2, "1h")])


def composites():
    """Objectives with an indicator of their own make one more, `composite`: C1, C2, S4."""

    def part(target, status, **more):
        return {"target": target, "indicator": {"spec": ratio(bad={"status": status})}, **more}

    def made(parts, method="Occurrences", window=None, **more):
        return [SERVICE, slo(parts, "none", window or rolling("10h"), method, **more)]

    # One request fails by 500, another by 404, of twenty: each objective has 95 %.
    hour = [{"service": "s", "ts": "2026-06-10T11:30:00Z", "status": status} for status in [200] * 18 + [404, 500]]
    for name, weight, percent, target in (("C1", 1, "90.000000", "90"), ("C2", 0.5, "92.500000", "92.5")):
        yield loads(
            f"{name}",
            made([part(0.95, "500", timeSliceWindow="1h"),
                  part(0.95, "404", timeSliceWindow="1h", displayName="second", compositeWeight=weight)], "RatioTimeslices"),
            hour,
            {"o1/sli.percent": "95.000000", "second/sli.percent": "95.000000", "composite/method": "composite",
             "composite/sli.percent": percent, "composite/target": target, "composite/verdict": "at_risk"},
        )  # fmt: skip
    slots = [
        {"service": "s", "ts": f"2026-06-10T{2 + slot:02d}:30:00Z", "status": status}
        for slot in range(10)
        for status in {3: [503], 5: [500, 503], 9: [404]}.get(slot, [200])
    ]
    slices = {"timeSliceTarget": 1, "timeSliceWindow": "1h"}
    yield loads(
        "S4",
        made([part(0.9, "500", **slices), part(0.9, "404", **slices), part(0.8, "503", **slices)], "Timeslices"),
        slots,
        {"reports": 4, "o1/sli.percent": "90.000000", "o2/sli.percent": "90.000000", "o3/sli.percent": "80.000000",
         "composite/sli.percent": "70.000000", "composite/target": "60"},
    )  # fmt: skip
    for name, targets, weights, consumed in (
        ("alike", (0.9, 0.9), (1, 1), "100.000000"),  # 50 % and 50 %
        ("weights", (0.9, 0.9), (1, 3), "200.000000"),
        ("budgets", (0.9, 0.95), (1, 1), "150.000000"),  # 50 % and 100 %
    ):
        yield loads(
            f"composite-occurrences-{name}",
            made([part(t, s, compositeWeight=w) for t, w, s in zip(targets, weights, ("500", "404"), strict=True)]),
            hour,
            {"composite/budget.consumed_percent": consumed},
        )
    narrowed = {"spec": ratio(total={"customer": "acme"})}
    yield loads(
        "composite-totals",  # each counts its own requests
        made([{"target": 0.5, "indicator": narrowed}, part(0.5, "404")]),
        [{**hour[0], "customer": "acme"}, {**hour[0], "status": 404}],
        {"o1/sli.percent": "100.000000", "o2/sli.percent": "50.000000", "composite/sli.percent": "50.000000"},
    )
    yield loads(
        "composite-by-reference",
        [*made([{"target": 0.9, "indicatorRef": "i"}]), sli()],
        hour,
        {"reports": 2, "composite/sli.percent": "95.000000"},
    )
    yield loads(
        "composite-alerts",  # the policies are the composite's
        made([part(0.9, "500"), part(0.9, "404")], alertPolicies=[policy("p", condition=burn(0.9, "6h"))]),
        [{**request} for request in hour * 20],
        {"o1/alerts.*.firing": [], "o2/alerts.*.firing": [], "composite/alerts.*.firing": [True]},
    )
    for name, parts, method, more in (
        ("without-one", [part(0.9, "500"), {"target": 0.9}], "Occurrences", {}),
        ("and-the-whole", [part(0.9, "500")], "Occurrences", {"indicatorRef": "i"}),
        ("weight-of-zero", [part(0.9, "500", compositeWeight=0)], "Occurrences", {}),
        ("weight-below-zero", [part(0.9, "500", compositeWeight=-1)], "Occurrences", {}),
        ("two-slices", [part(0.9, "500", **slices), part(0.9, "404", **{**slices, "timeSliceWindow": "5m"})], "Timeslices", {}),
        ("no-promise", [part(0.5, "500", timeSliceWindow="1h"), part(0.5, "404", timeSliceWindow="1h")], "RatioTimeslices", {}),
        ("odd-budgets", [part(0.97, "500"), part(0.93, "404")], "Occurrences", {}),
        ("name-taken", [part(0.9, "500", displayName="composite")], "Occurrences", {}),
        ("reference", [{"target": 0.9, "indicatorRef": "nobody"}], "Occurrences", {}),
    ):
        yield refused(f"composite-{name}", [*made(parts, method, **more), sli()])


ROWS = [*composites(), *methods(), *windows(), *targets(), *names(), *references(), *indicators(), *alerts()]
