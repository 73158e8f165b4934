#!/usr/bin/env python3
"""Puts every row of `cases.py` through `nines evaluate` and compares what the row expects, exactly.

    python3 tests/cases/run_cases.py [--bin DIR] [--only PREFIX] [--list] [--paged]

Ends with "N passed, N failed"; exit code 1 when a row failed.
"""

import argparse
import json
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "oracle"))

import engine  # noqa: E402
from cases import ROWS  # noqa: E402
from expectations import differences  # noqa: E402

THREADS = 2
# Rows whose rule the engine does not have yet; each stays listed here, and skipped in the open, until it has.
NOT_YET = {}


def problems_of_refusal(row, call):
    """The documents must be refused with a place; the call must fail with the words the row gives."""
    problems = []
    if row.refused:
        if call.code != 1:
            problems.append(f"exit code: expected 1, got {call.code}")
        if not engine.PLACED_ERROR.search(call.stderr):
            problems.append(f"stderr: expected agreements.yaml:LINE:COL: ..., got {call.stderr.strip()!r}")
    else:
        if call.code == 0:
            problems.append("exit code: expected a failure, got 0")
        if row.fails not in call.stderr:
            problems.append(f"stderr: expected {row.fails!r}, got {call.stderr.strip()!r}")
    return problems


def problems_of(row, program, more):
    with tempfile.TemporaryDirectory(prefix="nines-case-") as folder:
        engine.write_inputs(folder, row.documents, row.events)
        try:
            call = engine.call(program, folder, row.at, row.span, row.period, more)
            if row.refused or row.fails:
                return problems_of_refusal(row, call)
            evaluation = call.evaluation()
        except engine.EngineFailed as error:
            return [str(error)]
    return [
        f"{path}: expected {json.dumps(expected)}, got {actual!r}"
        for path, expected, actual in differences(evaluation, row.expect)
    ]


def main():
    parser = argparse.ArgumentParser(description="Worked examples through `nines evaluate`.")
    parser.add_argument("--bin", default=engine.DEFAULT_BIN, metavar="DIR", help="folder of the programs")
    parser.add_argument("--only", default="", metavar="PREFIX", help="only rows whose id begins so")
    parser.add_argument("--list", action="store_true", help="print the rows' ids and stop")
    parser.add_argument("--paged", action="store_true", help="with no memory for old rows: they go to a file and back")
    arguments = parser.parse_args()
    rows = [row for row in ROWS if row.id.startswith(arguments.only)]
    if arguments.list:
        print("\n".join(row.id for row in rows))
        return 0
    if not rows:
        print(f"no row begins with {arguments.only!r}", file=sys.stderr)
        return 1
    for row in rows:
        if row.id in NOT_YET:
            print(f"SKIPPED {row.id}: {NOT_YET[row.id]}")
    skipped = sum(1 for row in rows if row.id in NOT_YET)
    rows = [row for row in rows if row.id not in NOT_YET]
    program = engine.nines_in(arguments.bin)
    more = ("--rollup-bytes", "0") if arguments.paged else ()
    with ThreadPoolExecutor(THREADS) as pool:
        results = list(pool.map(lambda row: problems_of(row, program, more), rows))
    for row, problems in zip(rows, results, strict=True):
        if problems:
            print(f"FAILED {row.id}")
            for problem in problems:
                print(f"    {problem}")
    failed = sum(1 for problems in results if problems)
    print(f"{len(rows) - failed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
