#!/usr/bin/env python3
"""What must change nothing: repeats, another order of arrival, other names, records split in two, an unrelated service.

    python3 tests/oracle/metamorphic.py [--seed N] [--count N] [--bin DIR]

Needs no oracle: the engine against itself on the histories of `generate.py`, versions among them, and on what
`evidence.py` mixes in: lives, limits, silence, composites; also `customer: each`. Every field of every report must stay.
Ends with "N passed, N failed".
"""

import collections
import copy
import json
import random
import re
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import clock  # noqa: E402
import compare  # noqa: E402
import engine  # noqa: E402
import evidence  # noqa: E402
import generate  # noqa: E402
import harness  # noqa: E402

BATCH = 40
ONCE_BY_ID = ("incident", "maintenance", "exclusion")
CHANGES = (
    (evidence.add_components, 0.2), (evidence.add_expectation, 0.3), (evidence.add_limits, 0.2),
    (evidence.add_lives, 0.3), (evidence.add_composites, 0.4),
)  # fmt: skip


def is_plain(record):
    return record.get("kind", "request") == "request" and "state" not in record


def add_each(rng, subjects):
    """An agreement with each of some customers, beside the others."""
    name = "ones"
    objectives = {"o": {"target": "99%", "over": "1d"}, "u": {"method": "uptime", "target": "99%", "over": "1d"}}
    subjects.append(copy.deepcopy(subjects[0]))
    subject = renamed(subjects[-1], subjects[0].name, name)
    first = {"agreement": name, "provider": "p", "services": [f"{name}-s"], "customer": "each", "objectives": objectives}
    subjects[-1] = generate.Subject(name, [first], [r for r in subject.records if "component" not in r])
    for record in subjects[-1].records:
        if is_plain(record):
            record["customer"] = rng.choice(("acme", "bolt", "cato"))


# The changes


def repeated(rng, subject):
    """What counts once by its id comes again at the end; what has none but tells of a state, at once."""
    again, behind = [], []
    for record in subject.records:
        again.append(record)
        kind = record.get("kind", "request")
        if kind in ONCE_BY_ID or (kind == "request" and "id" in record):
            behind.append(dict(record))
        elif kind in ("state", "outcome"):
            again.append(dict(record))
    rng.shuffle(behind)
    return generate.Subject(subject.name, subject.documents, again + behind)


def permuted(rng, subject):
    """Any order of arrival, but for those of one instant: there the order is what decides."""
    places = list(range(len(subject.records)))
    rng.shuffle(places)
    by_time = collections.defaultdict(list)
    for record in subject.records:
        by_time[clock.instant(record["ts"])].append(record)
    times = [clock.instant(subject.records[place]["ts"]) for place in places]
    return generate.Subject(subject.name, subject.documents, [by_time[at].pop(0) for at in times])


def split(rng, subject):
    """A request that stands for many as two that do."""
    records = []
    for record in subject.records:
        count = record.get("count", 1)
        if is_plain(record) and "id" not in record and "total" not in record and count > 1:
            part = rng.randrange(1, count)
            records += [{**record, "count": part}, {**record, "count": count - part}]
        else:
            records.append(record)
    return generate.Subject(subject.name, subject.documents, records)


def renamed(subject, old, new):
    def change(value):
        return json.loads(re.sub(rf"\b{old}\b", new, json.dumps(value, default=str)))

    records = []
    for record in subject.records:
        kept = {key: value for key, value in record.items() if not isinstance(value, (str, list))}
        texts = change({key: value for key, value in record.items() if key not in kept})
        records.append({key: kept.get(key, texts.get(key)) for key in record})
    return generate.Subject(new, change(subject.documents), records)


def with_others(subjects, at):
    """Beside an agreement of another service, to which much happens."""
    objectives = {"o": {"target": "99%", "over": "1d"}, "u": {"method": "uptime", "target": "99%", "over": "1d"}}
    document = {"agreement": "unrelated", "provider": "p", "services": ["unrelated"], "objectives": objectives}
    records = [{"ts": clock.text_of(max(0, at - second * clock.NS)), "service": "unrelated", "status": 500} for second in range(50)]
    records.append({"kind": "incident", "id": "unrelated", "service": "unrelated", "state": "open", "ts": records[-1]["ts"]})
    mixed = [copy.copy(one) for one in subjects]
    for index, one in enumerate(mixed):
        mixed[index] = generate.Subject(one.name, one.documents, [*records[index::len(mixed)], *one.records])
    return [*mixed, generate.Subject("unrelated", [document])]


# The comparison


def reports_of(program, subjects, query):
    with tempfile.TemporaryDirectory(prefix="nines-same-") as folder:
        every = [document for subject in subjects for document in subject.documents]
        engine.write_inputs(folder, every, [record for subject in subjects for record in subject.records])
        evaluation = engine.call(program, folder, **query).evaluation()
    return {(one["agreement"], one["customer"], one["objective"]): one for one in evaluation["reports"]}


def variants(rng, subjects, at):
    """(name of the change, subjects, how a name of the first was in the original)."""
    yield "repeated", [repeated(rng, one) for one in subjects]
    yield "permuted", [permuted(rng, one) for one in subjects]
    yield "split", [split(rng, one) for one in subjects]
    yield "renamed", [renamed(one, one.name, f"Z{one.name}z") for one in subjects]
    yield "unrelated", with_others(subjects, at)


def original_names(reports):
    text = re.sub(r"\bZ(a\d+|ones)z\b", r"\1", json.dumps(list(reports.values())))
    return {(one["agreement"], one["customer"], one["objective"]): one for one in json.loads(text)}


def run_batch(program, seed, index, count):
    rng = random.Random(f"metamorphic/{seed}/{index}")
    ats = generate.query_times(rng)
    subjects = generate.subjects(rng, count, ats)
    for subject in subjects:
        for change, probability in CHANGES:
            if rng.random() < probability and not ({"response", "fulfilment"} & set(subject.documents[0]["objectives"])):
                change(rng, subject)
    add_each(rng, subjects)
    query = {"at": clock.text_of(ats[0])}
    expected = reports_of(program, subjects, query)
    passed, failures = 0, []
    for name, changed in variants(rng, subjects, ats[0]):
        found = original_names(reports_of(program, changed, query))
        found = {key: report for key, report in found.items() if key[0] != "unrelated"}
        for key in sorted(expected.keys() | found.keys(), key=str):
            left, right = dict(compare.flat(expected.get(key, {}))), dict(compare.flat(found.get(key, {})))
            different = [(path, left.get(path), right.get(path)) for path in left.keys() | right.keys() if left.get(path) != right.get(path)]
            passed += not different
            if different:
                failures.append((name, index, query, key, sorted(different)))
    return passed, failures


def main():
    arguments, program, batches = harness.run("What must change nothing changes nothing.", run_batch, BATCH, 400, 5)
    failures = [failure for batch in batches for failure in batch[1]]
    for name, index, query, key, different in failures[: arguments.show]:
        print(f"CHANGED when {name} (batch {index}): {key} {query}")
        for path, before, after in different[:8]:
            print(f"    {path}: {before!r} became {after!r}")
    print(f"{sum(batch[0] for batch in batches)} passed, {len(failures)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
