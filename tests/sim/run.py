#!/usr/bin/env python3
"""Seeds through the simulation, its reports against the oracle.

    python3 tests/sim/run.py --bin build/dev/tests [--seeds N] [--first S] [--jobs N]

`--bin` is the folder of `sim_simulate`. A seed passes when the simulation ends well (its own invariants hold, restarts
with 1 to 4 workers give the live reports byte by byte), when everything that was acknowledged is stored once, and when
all reports, at the end and within the run, equal the oracle's on the durable events. Some seeds run twice: the trace must
be the same. Known bad seeds (tests/sim/seeds/*.txt, a number a line) run as well, always. Ends with "N passed,
N failed"; exit code 1 when one failed or a class of cases never came up.
"""

import argparse
import collections
import json
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from decimal import Decimal
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "oracle"))

import clock  # noqa: E402
import compare  # noqa: E402
import oracle  # noqa: E402

TIMEOUT_S = 60
TWICE_EVERY = 20  # one seed in so many runs a second time
TAIL = 2000  # characters of stderr to show


class Failed(Exception):
    """What is wrong with a seed."""


def simulate(program, seed):
    try:
        done = subprocess.run(
            [program, "--seed", str(seed)], capture_output=True, text=True, timeout=TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise Failed(f"did not end within {TIMEOUT_S} s") from error
    if done.returncode != 0:
        raise Failed(f"exit code {done.returncode}\n{done.stderr[-TAIL:]}")
    return done.stdout


def check_acknowledged(run):
    """Acknowledged is stored; nothing is stored twice; positions are dense."""
    keys = [event["key"] for event in run["events"]]
    if [event["position"] for event in run["events"]] != list(range(len(keys))):
        raise Failed("positions are not dense")
    if len(set(keys)) != len(keys):
        raise Failed("stored twice: keys " + str([key for key, times in collections.Counter(keys).items() if times > 1]))
    missing = [line["number"] for line in run["acknowledged"] if line["key"] not in set(keys)]
    if missing:
        raise Failed(f"acknowledged and not stored: lines {missing}")


def check_reports(run, answered, records):
    """One answer of the engine: what the oracle says of the events below its position."""
    at = clock.text_of(answered["at_ns"])
    position = answered["answer"]["position"]
    theirs = {(report["agreement"], report["objective"]): report for report in answered["answer"]["reports"]}
    expected = oracle.evaluate(run["agreements"], records[:position], at=at)
    if expected["rejected"]:
        raise Failed(f"the oracle rejects {expected['rejected']} stored records")
    for report in expected["reports"]:
        name = (report["agreement"], report["objective"])
        found = compare.differing(report, theirs[name])
        if found:
            lines = "".join(f"\n    {path}: oracle {ours!r}, engine {other!r}" for path, ours, other in found)
            raise Failed(f"{'/'.join(name)} at {at}, position {position}:{lines}")
    return len(expected["reports"])


def check_seed(program, seed):
    """(seed, what is wrong or "", cases, reports compared)."""
    try:
        output = simulate(program, seed)
        run = json.loads(output)
        check_acknowledged(run)
        records = [json.loads(event["line"], parse_float=Decimal) for event in run["events"]]
        compared = sum(check_reports(run, answered, records) for answered in (*run["snapshots"], run["final"]))
        if seed % TWICE_EVERY == 0 and simulate(program, seed) != output:
            raise Failed("a second run of the same seed went otherwise")
        return seed, "", run["cases"], compared
    except (Failed, oracle.NotCovered, ValueError, KeyError) as error:
        return seed, f"{type(error).__name__}: {error}", {}, 0


def known_bad():
    """Seeds that failed once, kept for ever."""
    for file in sorted((HERE / "seeds").glob("*.txt")):
        for line in file.read_text(encoding="utf-8").splitlines():
            number = line.partition("#")[0].strip()
            if number:
                yield int(number)


def main():
    parser = argparse.ArgumentParser(description="Seeded simulations of the whole engine, judged by the oracle.")
    parser.add_argument("--bin", required=True, metavar="DIR", help="folder of sim_simulate")
    parser.add_argument("--seeds", type=int, default=150, help="how many")
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", action="store_true", help="without the known bad seeds; classes may be missing")
    arguments = parser.parse_args()
    program = str(Path(arguments.bin) / "sim_simulate")
    seeds = list(range(arguments.first, arguments.first + arguments.seeds))
    if not arguments.only:
        seeds += [seed for seed in known_bad() if seed not in set(seeds)]
    print(f"seeds {arguments.first} to {arguments.first + arguments.seeds - 1}, {len(seeds)} in all", flush=True)

    began = time.monotonic()
    cases, touched = collections.Counter(), collections.Counter()
    passed = failed = compared = 0
    with ProcessPoolExecutor(arguments.jobs) as pool:
        for seed, wrong, seed_cases, seed_compared in pool.map(check_seed, [program] * len(seeds), seeds):
            compared += seed_compared
            for name, number in seed_cases.items():
                cases[name] += number
                touched[name] += number > 0
            if wrong:
                failed += 1
                print(f"FAILED seed {seed}: {wrong}\n    again: {sys.argv[0]} --bin {arguments.bin} "
                      f"--seeds 1 --first {seed} --only", flush=True)  # fmt: skip
            else:
                passed += 1

    print("cases (in all; seeds with it):")
    for name, number in cases.items():
        print(f"    {number:7d} {touched[name]:5d}  {name}")
    never = [name for name, number in cases.items() if number == 0]
    if never and not arguments.only:
        print(f"classes that never came up: {', '.join(never)}")
        failed += 1
    print(f"{compared} reports compared, {time.monotonic() - began:.1f} s")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
