"""Versions of an agreement (SEMANTICS section 6): each part of a window is judged by its own version.

A `Share` is what one version judges of an objective, and `Whole` is all of them together, asked like a single method: so
windows, lookbacks and freezes are written once, whatever a version changed.
"""

from dataclasses import dataclass, replace

import clock
import intervals
from agreements import Agreement, Objective, parse_agreement
from methods import METHODS, Concern, Method, TimeSplit


@dataclass
class Version:
    """One document of a name."""

    number: int
    agreement: Agreement
    start: int  # in force from here ...
    end: int  # ... until the next one

    def objective(self, name):
        return next((one for one in self.agreement.objectives if one.name == name), None)


def versions_of(documents):
    """[versions in order] of every name."""
    by_name = {}
    for document in documents:
        if "agreement" in document:
            agreement = parse_agreement(document)
            by_name.setdefault(agreement.name, []).append(agreement)
    found = []
    for agreements in by_name.values():
        agreements.sort(key=lambda one: one.effective)
        ends = [one.effective for one in agreements[1:]] + [clock.FOREVER]
        numbered = enumerate(zip(agreements, ends, strict=True), 1)
        found.append([Version(number, one, one.effective, end) for number, (one, end) in numbered])
    return found


def in_force_at(versions, at):
    """Those that have begun, the one in force last; before all of them the first is."""
    begun = [version for version in versions if version.start <= at]
    return begun or versions[:1]


@dataclass
class Share:
    """What one version judges of an objective. What occurs in [start, end) is its business; of that it judges what its
    term and its beginning leave."""

    version: Version
    objective: Objective
    start: int
    end: int
    in_force: int  # since then; only the first version's business reaches further back
    judged: tuple
    method: Method = None

    @property
    def agreement(self):
        return self.version.agreement


def shares_of(versions, name):
    """Of the versions up to the one in force, those that have the objective, in order. The windows and the lookbacks are
    those of the one in force. In the first that has it an objective is new, and computed from all stored history."""
    frame = versions[-1].objective(name)
    having = [version for version in versions if version.objective(name)]
    shares = []
    for version in having:
        is_first = version is having[0]
        promised = versions[0].start if is_first else version.start
        judged = (max(promised, version.agreement.term_start), min(version.end, version.agreement.term_end))
        objective = replace(version.objective(name), over=frame.over, pairs=frame.pairs)
        start = clock.BEGINNING if is_first else version.start
        shares.append(Share(version, objective, start, version.end, promised, judged))
    return shares


def method_of(share, history, promised, system):
    concern = Concern(share.agreement, history, promised, system, (share.start, share.end), share.judged)
    return METHODS[share.objective.method](concern, share.objective)


def add_up(one, other):
    """Whether sums of both mean something: the same method, and slices of one length."""
    return one.objective.method == other.objective.method and one.objective.slice == other.objective.slice


class Whole:
    """The shares that add up with the last one, which is in force, asked like one method.

    Under its own policy a version gives what counts; under another one what would.
    """

    def __init__(self, shares):
        self.current = shares[-1]
        self.shares = [share for share in shares if add_up(share, self.current)]

    def __getattr__(self, name):
        return getattr(self.current.method, name)  # what a unit is, where spans begin

    @property
    def slice(self):
        return self.current.objective.slice

    def policy_of(self, share, policy):
        return share.agreement.policy if policy == self.current.agreement.policy else policy

    def each(self, question, start, end, origin, policy):
        for share in self.shares:
            yield getattr(share.method, question)(start, end, origin, self.policy_of(share, policy))

    def measure(self, start, end, origin, policy):
        return self.current.method.units_of(list(self.each("pieces", start, end, origin, policy)))

    def coverage(self, start, end, origin, policy):
        found = list(self.each("coverage", start, end, origin, policy))
        return sum(known for known, _ in found), sum(base for _, base in found)

    def coverage_edges(self):
        return [edges for share in self.shares for edges in share.method.coverage_edges()]

    def counts(self, start, end, policy):
        return summed([share.method.counts(start, end, self.policy_of(share, policy)) for share in self.shares])

    def slices(self, start, end, origin, policy):
        return summed(list(self.each("slices", start, end, origin, policy)))

    def split(self, start, end, policy):
        splits = [share.method.split(start, end, self.policy_of(share, policy)) for share in self.shares]
        return TimeSplit(*(intervals.union(*sets) for sets in zip(*(vars(one).values() for one in splits), strict=True)))


def summed(counts):
    """Of equal shape: dicts of numbers and of such dicts."""
    first = counts[0]
    if not isinstance(first, dict):
        return sum(counts)
    return {key: summed([one[key] for one in counts]) for key in first}
