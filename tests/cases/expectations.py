"""Reading an expectation's path in an evaluation: shared by the runner over the CLI and by the oracle's own tests."""


class Missing:
    def __repr__(self):
        return "(absent)"


MISSING = Missing()


def walk(value, steps):
    for index, step in enumerate(steps):
        if step == "*":
            return [walk(item, steps[index + 1 :]) for item in value]
        if isinstance(value, list):
            value = value[int(step)] if int(step) < len(value) else MISSING
        elif isinstance(value, dict):
            value = value.get(step, MISSING)
        else:
            return MISSING
    return value


def lookup(evaluation, path):
    """`evaluation` is the top-level JSON."""
    reports = evaluation["reports"]
    if path == "rejected":
        rejected = evaluation.get("rejected") or {}
        return sum(rejected.values()) if isinstance(rejected, dict) else rejected
    if path == "reports":
        return len(reports)
    if path.startswith("projects."):
        return walk(evaluation, path.split("."))
    objective, _, field = path.rpartition("/")
    agreement, _, objective = objective.rpartition(":")
    objective, at, customer = objective.partition("@")
    chosen = [report for report in reports if not objective or report["objective"] == objective]
    chosen = [report for report in chosen if not at or report["customer"] == customer]
    chosen = [report for report in chosen if not agreement or report["agreement"] == agreement]
    if len(chosen) != 1:
        return f"({len(chosen)} reports)"
    return walk(chosen[0], field.split("."))


def same(actual, expected):
    """Equal and of one type: 1 is neither True nor "1"."""
    return type(actual) is type(expected) and actual == expected


def differences(evaluation, expect):
    found = ((path, expected, lookup(evaluation, path)) for path, expected in expect.items())
    return [(path, expected, actual) for path, expected, actual in found if not same(actual, expected)]
