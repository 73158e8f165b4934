#!/usr/bin/env python3
"""Random small histories through `nines evaluate` and through the oracle: every shared field must be equal.

    python3 tests/oracle/compare.py [--seed N] [--count N] [--bin DIR] [--show N]

`--count` is the number of agreements with their histories; each is looked at from several instants, and a case is one
objective's report at one of them. The seed is printed; the same seed and count give the same cases. On a difference a
minimal history that still shows it is printed. Ends with "N passed, N failed"; exit code 1 when one failed or when a
class of input never came up.
"""

import collections
import random
import re
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import clock  # noqa: E402
import documents  # noqa: E402
import engine  # noqa: E402
import generate  # noqa: E402
import harness  # noqa: E402
import oracle  # noqa: E402

BATCH = 40  # subjects in one run of the engine
TIMES = re.compile(r"at|(window|parts\.\d+)\.(start|end)")  # compared as instants: a fraction may be written in several ways


def flat(value, path=""):
    """Leaves of a report by path."""
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from flat(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and value:
        yield f"{path}.length", len(value)
        for index, item in enumerate(value):
            yield from flat(item, f"{path}.{index}")
    else:
        yield path, value


def differing(expected, actual):
    """(path, oracle's value, engine's value) of every field of the oracle's report that the engine's has otherwise."""
    theirs = dict(flat(actual))
    is_mean = expected["method"] == "ratio_timeslices"
    found = []
    for path, ours in flat(expected):
        if path == "window.resolution_s" and ours is None:
            continue  # only rolling windows of counts have one by definition
        if expected["window"]["kind"] in ("span", "period") and path in ("over", "window.kind"):
            continue  # the words for a named period or a span are the engine's own
        value = theirs.get(path, "(absent)")
        if path == "budget_lasts_s" and is_mean and isinstance(ours, int) and isinstance(value, int) and abs(ours - value) == 1:
            continue  # the mean is in fixed point, and a second may lie on its last digit
        if TIMES.fullmatch(path) and isinstance(value, str) and value != "(absent)":
            if clock.from_text(value) != clock.from_text(ours):
                found.append((path, ours, value))
        elif type(value) is not type(ours) or value != ours:
            found.append((path, ours, value))
    return found


def engine_reports(program, folder, subjects, query):
    """{(agreement, objective): report} of one run over all subjects."""
    all_documents = [document for subject in subjects for document in subject.documents]
    engine.write_inputs(folder, all_documents, [record for subject in subjects for record in subject.records])
    evaluation = engine.call(program, folder, **query).evaluation()
    rejected = sum((evaluation.get("rejected") or {}).values())
    return rejected, {(report["agreement"], report["objective"]): report for report in evaluation["reports"]}


def compare_subjects(program, subjects, query):
    """[(subject, expected report, differences)] and how many reports were compared."""
    problems, compared, rejected = [], 0, 0
    with tempfile.TemporaryDirectory(prefix="nines-compare-") as folder:
        theirs_rejected, theirs = engine_reports(program, folder, subjects, query)
    for subject in subjects:
        ours = oracle.evaluate(subject.documents, subject.records, **query)
        rejected += ours["rejected"]
        for report in ours["reports"]:
            compared += 1
            key = (report["agreement"], report["objective"])
            found = differing(report, theirs[key]) if key in theirs else [("report", "present", "(absent)")]
            if found:
                problems.append((subject, report["objective"], found))
    if rejected != theirs_rejected:
        problems.append((None, "", [("rejected", rejected, theirs_rejected)]))
    return problems, compared


def still_differs(program, subject, objective, query):
    try:
        problems, _ = compare_subjects(program, [subject], query)
    except (engine.EngineFailed, oracle.NotCovered):
        return None
    for _, name, found in problems:
        if name == objective:
            return found
    return None


def without(items, index):
    return items[:index] + items[index + 1 :]


OPTIONAL = ("term", "customer", "maintenance", "credits", "hours", "zone", "effective")
SETTINGS = ("severity", "coverage_floor", "no_data", "min_events", "alerts", "alert_compare", "good", "rounding", "min_run")


def smaller(subject, objective):
    """Candidates with one thing less: a record, a document, an objective, a key."""
    for index in range(len(subject.records)):
        yield subject.documents, without(subject.records, index)
    for index, document in enumerate(subject.documents):
        yield without(subject.documents, index), subject.records
        for fewer in smaller_agreements(document, objective) if "objectives" in document else ():
            yield [*subject.documents[:index], fewer, *subject.documents[index + 1 :]], subject.records


def smaller_agreements(agreement, objective):
    objectives = agreement["objectives"]
    for name in objectives:
        if len(objectives) > 1 and name != objective:
            yield {**agreement, "objectives": {k: v for k, v in objectives.items() if k != name}}
    for key in OPTIONAL:
        if key in agreement:
            yield {k: v for k, v in agreement.items() if k != key}
    for name, settings in objectives.items():
        for key in SETTINGS:
            if key in settings:
                fewer = {k: v for k, v in settings.items() if k != key}
                yield {**agreement, "objectives": {**objectives, name: fewer}}


def minimal(program, subject, objective, query):
    """Takes things away as long as some field of the objective still differs."""
    found = still_differs(program, subject, objective, query)
    if found is None:
        return subject, None  # it shows only beside its neighbours
    progress = True
    while progress:
        progress = False
        for fewer_documents, fewer_records in smaller(subject, objective):
            candidate = generate.Subject(subject.name, fewer_documents, fewer_records)
            differences = still_differs(program, candidate, objective, query)
            if differences:
                subject, found, progress = candidate, differences, True
                break
    return subject, found


def show(program, problem, query):
    subject, objective, found = problem
    if subject is None:
        print(f"DIFFERENT in a whole run {query}: {found}")
        return
    subject, reduced = minimal(program, subject, objective, query)
    print(f"DIFFERENT {subject.name}/{objective} {query}" + ("" if reduced else "  (only beside its neighbours)"))
    for path, ours, theirs in reduced or found:
        print(f"    {path}: oracle {ours!r}, engine {theirs!r}")
    print("  agreements.yaml:")
    print("".join(f"    {line}\n" for line in documents.to_yaml(subject.documents).splitlines()), end="")
    print("  events.ndjson:")
    print("".join(f"    {line}\n" for line in documents.to_ndjson(subject.records).splitlines()), end="")


def queries_of(rng, ats):
    """Instants, and sometimes a named period and a span of whole days."""
    queries = [{"at": clock.text_of(at)} for at in ats]
    text = clock.text_of(ats[0])
    if rng.random() < 0.3:
        queries.append({"period": rng.choice((text[:4], text[:7], text[:10]))})
    if rng.random() < 0.3:
        start = clock.floor_to(ats[0], clock.DAY) - rng.choice((1, 3)) * clock.DAY
        end = clock.floor_to(ats[0], clock.DAY) + rng.choice((0, 1)) * clock.DAY
        queries.append({"span": (clock.text_of(start), clock.text_of(end))})
    return queries


def fits(subject, query):
    """A named period or a span is not its objectives' own window: leave out where it would have too many slices."""
    if "at" in query:
        return True
    zone = subject.documents[0].get("zone", "UTC")
    start, end = clock.period_window(query["period"], zone) if "period" in query else map(clock.instant, query["span"])
    objectives = [one for document in subject.documents for one in document.get("objectives", {}).values()]
    slices = [clock.duration(one["slice"]) for one in objectives if "slice" in one]
    return all((end - start) // length <= generate.SPAN_SLICES_MAX for length in slices)


def run_batch(program, seed, index, count):
    """One batch by its own generator, so that batches do not depend on each other's order."""
    rng = random.Random(f"{seed}/{index}")
    ats = generate.query_times(rng)
    subjects = generate.subjects(rng, count, ats)
    histogram = collections.Counter(name for subject in subjects for name in subject.classes)
    results = []
    for query in queries_of(rng, ats):
        histogram[f"query:{next(iter(query))}"] += 1
        try:
            problems, compared = compare_subjects(program, [one for one in subjects if fits(one, query)], query)
        except engine.EngineFailed as error:
            problems, compared = [(None, "", [("evaluation", "a report", str(error))])], 1
        results.append((query, problems, compared))
    return histogram, results


def main():
    arguments, program, batches = harness.run("The engine against the oracle on random small histories.", run_batch, BATCH, 2000, 5)

    histogram, fields = collections.Counter(), collections.Counter()
    passed = failed = shown = 0
    for batch_histogram, results in batches:
        histogram += batch_histogram
        for query, problems, compared in results:
            failed += len(problems)
            passed += max(0, compared - len(problems))
            for problem in problems:
                fields.update(path for path, _, _ in problem[2])
                if shown < arguments.show:
                    show(program, problem, query)
                    shown += 1

    if fields:
        print("differing fields:")
        for path, number in fields.most_common():
            print(f"    {number:7d}  {path}")
    print("classes of input (agreements with it):")
    for name in sorted(set(generate.CLASSES) | set(histogram)):
        print(f"    {histogram[name]:7d}  {name}")
    missing = [name for name in generate.CLASSES if histogram[name] == 0]
    if missing:
        print(f"classes without a case: {', '.join(missing)}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or missing else 0


if __name__ == "__main__":
    sys.exit(main())
