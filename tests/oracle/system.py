"""Service systems: which components a service requires, and when what it requires fails. Instant by instant.

A component outside its validity is no part of the system: `all` does not ask for it, and `any` and `at_least` cannot
count on it. A requirement fails only where some component has failed: what is missing for reasons of validity alone
interferes with nothing.
"""

import clock
import intervals


def parts_of(requirement):
    """(how many of the parts are needed; None: of all that are there), parts."""
    if isinstance(requirement, list):
        return None, requirement
    if "all" in requirement:
        return None, requirement["all"]
    if "any" in requirement:
        return 1, requirement["any"]
    return requirement["at_least"], requirement["of"]


class System:
    def __init__(self, documents):
        self.requires = {one["service"]: one["requires"] for one in documents if "service" in one and "requires" in one}
        self.components = {one["component"]: one for one in documents if "component" in one}

    def needed(self, requirement):
        """Names of the components that it rests on, however far away."""
        if isinstance(requirement, str):
            own = self.components[requirement].get("requires")
            return {requirement} | (self.needed(own) if own is not None else set())
        return {name for part in parts_of(requirement)[1] for name in self.needed(part)}

    def is_valid(self, name, at):
        """Whether it is there: `from` and `to` are dates or times in UTC."""
        document = self.components[name]
        return not (
            ("from" in document and at < clock.instant(document["from"]))
            or ("to" in document and at >= clock.instant(document["to"]))
        )

    def has_failed(self, name, at, down):
        if not self.is_valid(name, at):
            return False
        own = self.components[name].get("requires")
        return name in down or (own is not None and self.fails(own, at, down))

    def is_absent(self, requirement, at):
        """Not to be counted on, although nothing has failed."""
        if isinstance(requirement, str):
            return not self.is_valid(requirement, at)
        enough, parts = parts_of(requirement)
        absent = sum(self.is_absent(part, at) for part in parts)
        return absent == len(parts) if enough is None else len(parts) - absent < enough

    def fails(self, requirement, at, down):
        """`down`: names of the components that are down by themselves."""
        if isinstance(requirement, str):
            return self.has_failed(requirement, at, down)
        enough, parts = parts_of(requirement)
        failed = [self.fails(part, at, down) for part in parts]
        if enough is None:
            return any(failed)
        left = sum(1 for part, bad in zip(parts, failed, strict=True) if not bad and not self.is_absent(part, at))
        return any(failed) and left < enough

    def blamed(self, requirement, at, down):
        """Names of the components whose failures make it fail."""
        if not self.fails(requirement, at, down):
            return set()
        if isinstance(requirement, str):
            own = self.components[requirement].get("requires")
            return {requirement} | (self.blamed(own, at, down) if own is not None else set())
        return {name for part in parts_of(requirement)[1] for name in self.blamed(part, at, down)}

    def interference(self, service, down_times):
        """`down_times`: by component, a set of time. By component, when its failures interfere with the service."""
        requirement = self.requires[service]
        edges = {edge for one in down_times.values() for pair in one for edge in pair}
        for name in self.needed(requirement):
            edges |= {clock.instant(self.components[name][key]) for key in ("from", "to") if key in self.components[name]}
        edges = sorted(edges)
        spans = {}
        for start, end in zip(edges, edges[1:], strict=False):
            down = {name for name, one in down_times.items() if intervals.contains(one, start)}
            for name in self.blamed(requirement, start, down):
                spans.setdefault(name, []).append((start, end))
        return {name: intervals.union(one) for name, one in spans.items()}
