"""Projects and what underpins: G1, and what follows from SEMANTICS section 14."""

from rows import NOW, Row, batch, sla


def agreement(name, target="99.9%", service=None, **keys):
    return {**sla({"o": target}, **keys), "agreement": name, "services": [service or name]}


def requests(service, good, bad):
    return batch(NOW - 60, good, bad, service=service)


def project(index, name, met, total, verdict, worst, percent):
    return {
        f"projects.{index}.project": name,
        f"projects.{index}.met": met,
        f"projects.{index}.total": total,
        f"projects.{index}.verdict": verdict,
        f"projects.{index}.worst.agreement": worst,
        f"projects.{index}.worst.percent": percent,
    }


THREE = [requests("a", 9995, 5), requests("b", 9985, 15), requests("c", 9991, 9)]


def groups():
    yield Row(
        "G1",
        [agreement(name, project="payments") for name in "abc"],
        THREE,
        at=NOW,
        expect=project(0, "payments", 2, 3, "breached", "b", "99.850000"),
        oracle=False,
    )
    yield Row(
        "G1-nested",
        [
            {"project": "payments", "projects": ["cards"]},
            {"project": "cards"},
            agreement("a", project="payments"),
            agreement("b", project="cards"),
            agreement("c", project="cards"),
        ],
        THREE,
        at=NOW,
        expect={
            **project(0, "payments", 2, 3, "breached", "b", "99.850000"),
            **project(1, "cards", 1, 2, "breached", "b", "99.850000"),
        },
        oracle=False,
    )
    yield Row(
        "G1-twice-inside-counts-once",
        [
            {"project": "all", "projects": ["left", "right"]},
            {"project": "left", "projects": ["deep"]},
            {"project": "right", "projects": ["deep"]},
            agreement("a", project="deep"),
        ],
        [requests("a", 1000, 0)],
        at=NOW,
        expect={**project(0, "all", 1, 1, "met", "a", "100.000000"), "projects.3.project": "deep", "projects.3.total": 1},
        oracle=False,
    )
    yield Row(
        "G1-worst-by-budget-not-by-percent",
        [agreement("a", "99%", project="p"), agreement("b", "99.9%", project="p")],
        [requests("a", 9940, 60), requests("b", 9992, 8)],
        at=NOW,
        expect={"projects.0.worst.agreement": "b", "projects.0.worst.percent": "99.920000", "projects.0.met": 2},
        oracle=False,
    )
    yield Row(
        "G1-empty-project",
        [{"project": "p"}, agreement("a")],
        [requests("a", 10, 0)],
        at=NOW,
        expect={"projects.0.total": 0, "projects.0.worst": None, "projects.0.verdict": "no_data"},
        oracle=False,
    )


def underpinning():
    team = agreement("team", type="OLA", supports=["a"])
    yield Row(
        "supports-breached-endangers",
        [agreement("a"), team],
        [requests("a", 10000, 0), requests("team", 900, 100)],
        at=NOW,
        expect={"a:o/endangered_by": ["team"], "a:o/verdict": "met", "team:o/endangered_by": []},
        oracle=False,
    )
    yield Row(
        "supports-met-endangers-nobody",
        [agreement("a"), team],
        [requests("a", 10000, 0), requests("team", 1000, 0)],
        at=NOW,
        expect={"a:o/endangered_by": []},
        oracle=False,
    )
    yield Row(
        "supports-at-risk-endangers",
        [agreement("a"), {**team, "type": "UC"}],
        [requests("a", 10000, 0), requests("team", 99905, 95)],
        at=NOW,
        expect={"a:o/endangered_by": ["team"], "team:o/verdict": "at_risk"},
        oracle=False,
    )


def refused():
    def row(case, *documents):
        return Row(f"groups-refused-{case}", list(documents), refused=True, oracle=False)

    yield row("unknown-supported", agreement("a", type="OLA", supports=["b"]))
    yield row("supports-itself", agreement("a", type="OLA", supports=["a"]))
    yield row("circle", agreement("a", type="OLA", supports=["b"]), agreement("b", type="OLA", supports=["a"]))
    yield row("unknown-project", {"project": "p", "projects": ["q"]})
    yield row("projects-circle", {"project": "p", "projects": ["q"]}, {"project": "q", "projects": ["p"]})


ROWS = [row for group in (groups, underpinning, refused) for row in group()]
