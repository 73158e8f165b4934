"""Calling `nines evaluate`: shared by the comparison and by the runner of the table."""

import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import documents

DEFAULT_BIN = "build/release/bin"
TIMEOUT_S = 60
PLACED_ERROR = re.compile(r"agreements\.yaml:\d+:\d+: \S")


class EngineFailed(Exception):
    """The call did not end as an evaluation ends."""


@dataclass
class Call:
    code: int
    stdout: str
    stderr: str

    def evaluation(self):
        """The top-level JSON, with big numbers as they are written."""
        if self.code != 0:
            raise EngineFailed(f"exit code {self.code}: {self.stderr.strip()[-2000:]}")
        try:
            return json.loads(self.stdout)
        except ValueError as error:
            raise EngineFailed(f"not JSON ({error}): {self.stdout[:2000]!r}") from error


def nines_in(directory):
    """The program in `directory`; a relative one is looked up from here, then from the top of the source."""
    top = Path(__file__).resolve().parent.parent.parent
    for base in (Path.cwd(), top):
        path = base / directory / "nines"
        if path.is_file():
            return path.resolve()  # calls run in a folder of their own
    raise SystemExit(f"no program `nines` in {directory}; build it, or name its folder with --bin DIR")


def write_inputs(folder, agreements, records):
    folder = Path(folder)
    (folder / "agreements.yaml").write_text(documents.to_yaml(agreements), encoding="utf-8")
    (folder / "events.ndjson").write_text(documents.to_ndjson(records), encoding="utf-8")


def call(program, folder, at=None, span=None, period=None, more=()):
    """Evaluates the files that `write_inputs` left in `folder`."""
    arguments = [str(program), "evaluate", "--agreements", "agreements.yaml", "--events", "events.ndjson", "--json", *more]
    if at is not None:
        arguments += ["--at", str(at)]
    if span is not None:
        arguments += ["--from", str(span[0]), "--to", str(span[1])]
    if period is not None:
        arguments += ["--period", period]
    try:
        done = subprocess.run(arguments, cwd=folder, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired as error:
        raise EngineFailed(f"no answer within {TIMEOUT_S} s") from error
    return Call(done.returncode, done.stdout, done.stderr)
