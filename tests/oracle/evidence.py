#!/usr/bin/env python3
"""Evidence adds up: on random small histories the items of every objective's evidence give the sums of its report.

    python3 tests/oracle/evidence.py [--seed N] [--count N] [--bin DIR]

Needs no oracle: a report and its evidence are two answers of the engine, made by different code (running sums, and a
walk over everything that happened). The histories are those of `generate.py`, with what it leaves out mixed in: hours,
zones, allowances, components, silence, rounding, means of ratios, corrected outcomes. Beside the sums: shares are not
negative, items lie inside the window, bad time is never longer than its item, and nothing is "not traced".
Ends with "N passed, N failed".
"""

import collections
import random
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import clock  # noqa: E402
import compare  # noqa: E402
import documents  # noqa: E402
import engine  # noqa: E402
import generate  # noqa: E402
import harness  # noqa: E402

BATCH = 40
ROUNDINGS = ("full_minutes_aligned", "full_minutes_elapsed", "minutes_touched")


# What generate.py leaves out


def add_hours(rng, subject):
    agreement = subject.documents[0]
    agreement["hours"] = rng.choice((["Mon-Fri 08:00-20:00"], ["Mon-Sun 22:00-06:00"], ["Sat 00:00-24:00"]))
    coarse = any(one.get("slice") in ("1h", "6h", "1d") for one in agreement["objectives"].values())
    if rng.random() < 0.5 and not coarse:  # days of a zone are not always whole numbers of these
        zone = rng.choice(("Europe/Berlin", "America/New_York", "Asia/Kathmandu"))
        for version in subject.documents:  # a calendar that changes in the middle has no window of its own
            if version.get("agreement") == agreement["agreement"]:
                version["zone"] = zone


def add_allowance(rng, subject):
    agreement = subject.documents[0]
    policy = dict(agreement.get("maintenance") or {"policy": "removed"})
    policy["allowance"] = rng.choice(("1m per day", "10m per week", "1h per month"))
    agreement["maintenance"] = policy


def add_rounding(rng, subject):
    for objective in subject.documents[0]["objectives"].values():
        if objective.get("method") == "uptime":
            if rng.random() < 0.3:
                objective["min_run"] = rng.choice((2, 5))
                objective["rounding"] = rng.choice(("full_minutes_aligned", "minutes_touched"))
            else:
                objective["rounding"] = rng.choice(ROUNDINGS)


def add_ratios(rng, subject):
    for objective in subject.documents[0]["objectives"].values():
        if objective.get("method") == "timeslices":
            objective["method"] = "ratio_timeslices"
            objective.pop("slice_target", None)


def add_components(rng, subject):
    """Part of what happened to the service happened to components that it requires."""
    agreement = subject.documents[0]
    service = agreement["services"][0]
    if any("component" in document or document.get("service") == service for document in subject.documents):
        return  # it has a system already
    names = [f"{subject.name}-c{index}" for index in range(3)]
    requires = rng.choice((
        {"all": names[:2]}, {"any": names[:2]}, {"at_least": 2, "of": names},
        {"all": [names[0], {"any": names[1:]}]},
    ))  # fmt: skip
    subject.documents.append({"service": service, "requires": requires})
    for index, name in enumerate(names):
        document = {"component": name, "owner": "provider"}
        if index == 0 and rng.random() < 0.4:
            document["requires"] = [names[2]]
        subject.documents.append(document)
    for record in subject.records:
        if record.get("kind") in ("incident", "state") and rng.random() < 0.6 and "service" in record:
            del record["service"]
            record["component"] = rng.choice(names)


def add_expectation(rng, subject):
    service = subject.documents[0]["services"][-1]
    if any(document.get("service") == service for document in subject.documents):
        return
    expect = {"every": rng.choice(("1m", "10m", "6h", "1d"))}
    if rng.random() < 0.5:
        expect["stale_after"] = rng.choice(("1h", "2d", "7d"))
    subject.documents.append({"service": service, "expect": expect})


def add_corrections(rng, subject):
    requests = [record for record in subject.records if record.get("kind", "request") == "request"]
    for number, record in enumerate(rng.sample(requests, min(len(requests), 4))):
        if "id" not in record and isinstance(record.get("service"), str):
            record["id"] = f"{subject.name}-r{number}"
        if "id" in record:
            correction = {"kind": "outcome", "of": record["id"], "outcome": rng.choice(("good", "bad", "excluded"))}
            if rng.random() < 0.7:
                correction["reason"] = f"seen again {number}"
            subject.records.append({"ts": record["ts"], **correction})


def add_lives(rng, subject):
    """Requests that are opened and fulfilled, and an objective of theirs."""
    agreement = subject.documents[0]
    over = next(iter(agreement["objectives"].values())).get("over", "30d")
    agreement["objectives"]["fulfilment"] = {
        "method": "fulfilment", "target": "90%", "over": over, "within": rng.choice(("1m", "15m", "4h"))
    }  # fmt: skip
    stamps = [record["ts"] for record in subject.records]
    states = ("pending", "opened", "fulfilled", "failed", "withdrawn")
    for number in range(rng.choice((1, 3, 6)) if stamps else 0):
        name = {"service": rng.choice(agreement["services"]), "id": f"{subject.name}-l{number}"}
        for state in ("opened", *rng.sample(states, rng.choice((0, 1, 2)))):
            subject.records.append({"ts": rng.choice(stamps), "state": state, **name})


def add_composites(rng, subject):
    """Of the agreement's own objectives; slices and time of two of a kind are combined."""
    objectives = subject.documents[0]["objectives"]
    names = [name for name, one in objectives.items() if one.get("slice", "1m") in ("1m", "5m", "15m")]
    if not names:
        return
    missing = rng.choice(({}, {"missing": "bad"}, {"missing": "good"}))
    common = {"method": "composite", "target": "90%", "alerts": "none", **missing}
    over = {"over": objectives[names[0]].get("over", "30d")}
    combine = rng.choice(("weighted_mean", "weighted_error_sum"))
    weights = [rng.choice((1, 2, "0.5")) for _ in names]
    objectives["weighted"] = {**common, **over, "combine": combine, "members": names, "weights": weights}
    for method, change in (("uptime", {"severity": "critical"}), ("timeslices", {"slice_target": "50%"})):
        first = next((name for name in names if objectives[name].get("method") == method), None)
        if first:
            over = {"over": objectives[first].get("over", "30d")}
            objectives[f"{method}2"] = {**objectives[first], **change, "alerts": "none"}
            members = [first, f"{method}2"]
            objectives[f"any-{method}"] = {**common, **over, "combine": "any_bad", "members": members}


def add_limits(rng, subject):
    over = next(iter(subject.documents[0]["objectives"].values())).get("over", "30d")
    for method in ("response", "resolution"):
        within = rng.choice(("1m", "15m", "4h"))
        subject.documents[0]["objectives"][method] = {"method": method, "target": "90%", "over": over, "within": within}


CHANGES = (
    (add_hours, 0.3), (add_allowance, 0.25), (add_rounding, 0.35), (add_ratios, 0.4), (add_components, 0.3),
    (add_expectation, 0.25), (add_corrections, 0.4), (add_limits, 0.3),
    (add_lives, 0.3), (add_composites, 0.4),
)  # fmt: skip


def enrich(rng, subject):
    for change, probability in CHANGES:
        if rng.random() < probability:
            change(rng, subject)
            subject.classes.add(change.__name__)


# Sums


def sums_of(items):
    sums = collections.Counter()
    for item in items:
        if "slices" in item:
            sums["slices", item["counts_as"]] += item["slices"]
        sums["bad"] += int(item["count"])
        for key in ("excluded", "unknown", "out_of_scope", "unknown_ns"):
            sums[key] += int(item.get(key, 0))
        if "excluded_by" in item:
            sums["excluded_by", item["excluded_by"]] += item["excluded"]
        sums["lacking"] += int(item.get("lacking", 0))
    return sums


def expected_of_composite(report):
    if report["slices"]:
        kinds = ("bad", "excluded", "unknown")
        slices = report["slices"]
        return {**{("slices", key): slices[key] for key in kinds}, **{key: slices[key] for key in kinds}}
    if not report["sli"]:
        return {}
    return {"bad": int(report["sli"]["denominator"]) - int(report["sli"]["numerator"])}


def expected_of(report):
    """What the sums must be."""
    if report["time"]:
        return {key: int(report["time"][f"{key}_ns"]) for key in ("bad", "excluded", "unknown")}
    if report["method"] == "composite":
        return expected_of_composite(report)
    counts = report["counts"]
    expected = {key: counts[key] for key in ("bad", "excluded", "out_of_scope")}
    expected.update({("excluded_by", key): value for key, value in counts["excluded_by"].items()})
    if report["slices"]:
        expected.update({("slices", key): report["slices"][key] for key in ("bad", "excluded", "unknown")})
    return expected


def mean_is_right(report, sums):
    """The mean of the slices' ratios from what the bad ones lack, half-even."""
    measured = report["slices"]["good"] + report["slices"]["bad"]
    if report["method"] != "ratio_timeslices" or not report["sli"] or not measured:
        return True
    total = measured * 10**18 - sums["lacking"]
    quotient, rest = divmod(total, measured)
    quotient += 2 * rest > measured or (2 * rest == measured and quotient % 2)
    return quotient == int(report["sli"]["numerator"])


def item_problems(report, evidence):
    start, end = (clock.instant(evidence["window"][key]) if evidence["window"][key] else None for key in ("start", "end"))
    for item in evidence["items"]:
        first, last = clock.instant(item["start"]), clock.instant(item["end"])
        began_before = report["method"] in ("response", "resolution", "fulfilment")  # what is told is when it was decided
        if first > last or (start is not None and first < start and not began_before) or (end is not None and last > end):
            yield "an item outside the window", item
        if report["time"] and int(item["count"]) > last - first:
            yield "more bad than the item is long", item
        if item["type"] == "other" or any(int(item.get(key, 0)) < 0 for key in ("count", "excluded", "unknown")):
            yield "not traced", item
        if not item["reason"]:
            yield "no reason", item


def problems_of(report, evidence):
    sums = sums_of(evidence["items"])
    found = [(key, value, sums[key]) for key, value in expected_of(report).items() if sums[key] != value]
    if "unknown_ns" in evidence["figure"] and int(evidence["figure"]["unknown_ns"]) != sums["unknown_ns"]:
        found.append(("unknown_ns", evidence["figure"]["unknown_ns"], sums["unknown_ns"]))
    if report["slices"] and not mean_is_right(report, sums):
        found.append(("mean", report["sli"], sums["lacking"]))
    return found + list(item_problems(report, evidence))


def judge(program, subjects, query):
    with tempfile.TemporaryDirectory(prefix="nines-evidence-") as folder:
        every = [document for subject in subjects for document in subject.documents]
        engine.write_inputs(folder, every, [record for subject in subjects for record in subject.records])
        evaluation = engine.call(program, folder, more=("--evidence",), **query).evaluation()
    found = {(one["agreement"], one["objective"]): one for one in evaluation["evidence"]}
    assert len(found) == len(evaluation["reports"]) == len(evaluation["evidence"])
    pairs = [(report, found[report["agreement"], report["objective"]]) for report in evaluation["reports"]]
    return [(report, evidence, problems_of(report, evidence)) for report, evidence in pairs]


def run_batch(program, seed, index, count):
    rng = random.Random(f"evidence/{seed}/{index}")
    ats = generate.query_times(rng)
    subjects = generate.subjects(rng, count, ats)
    for subject in subjects:
        enrich(rng, subject)
    seen = collections.Counter(name for subject in subjects for name in subject.classes if name.startswith("add_"))
    failures, passed = [], 0
    for query in compare.queries_of(rng, ats):
        chosen = [one for one in subjects if compare.fits(one, query)]
        for report, evidence, found in judge(program, chosen, query):
            seen.update(f"{item['type']}:{item['counts_as']}" for item in evidence["items"])
            passed += not found
            if found:
                subject = next(one for one in chosen if one.name == report["agreement"])
                failures.append((subject, query, report, found))
    return passed, failures, seen


def show(program, failure):
    subject, query, report, found = failure
    print(f"DOES NOT ADD UP {report['agreement']}/{report['objective']} {report['method']} {query}")
    records = list(subject.records)
    for index in reversed(range(len(records))):  # what can be left out
        fewer = records[:index] + records[index + 1 :]
        candidate = generate.Subject(subject.name, subject.documents, fewer)
        if any(p for r, _, p in judge(program, [candidate], query) if r["objective"] == report["objective"]):
            records = fewer
    subject = generate.Subject(subject.name, subject.documents, records)
    for r, evidence, p in judge(program, [subject], query):
        if r["objective"] == report["objective"]:
            found = p
            for item in evidence["items"]:
                print(f"    {item}")
    for problem in found:
        print(f"  {problem}")
    print("".join(f"    {line}\n" for line in documents.to_yaml(subject.documents).splitlines()), end="")
    print("".join(f"    {line}\n" for line in documents.to_ndjson(subject.records).splitlines()), end="")


def main():
    arguments, program, batches = harness.run("The evidence of random small histories adds up to the reports.", run_batch, BATCH, 800, 3)
    seen = sum((batch[2] for batch in batches), collections.Counter())
    for name in sorted(seen):
        print(f"    {seen[name]:7d}  {name}")
    failures = [failure for batch in batches for failure in batch[1]]
    for failure in failures[: arguments.show]:
        show(program, failure)
    print(f"{sum(batch[0] for batch in batches)} passed, {len(failures)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
