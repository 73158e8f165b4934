#!/usr/bin/env python3
"""The permitted arrows between layers, checked against every #include of engine/, tools/ and bench/."""
import pathlib
import re
import sys

# layer -> layers whose headers it may include (its own always). From the bottom up.
ARROWS = {
    "base": [],
    "domain": ["base"],
    "decode": ["domain", "base"],
    "catalog": ["domain", "base"],
    "evaluate": ["domain", "base"],
    "report": ["evaluate", "domain", "base"],
    "store": ["domain", "base"],
    "net": ["base"],
    "ingest": ["net", "store", "decode", "domain", "base"],
    "api": ["ingest", "store", "evaluate", "catalog", "report", "decode", "domain", "base"],
    "server": ["api", "ingest", "net", "store", "evaluate", "catalog", "report", "decode", "domain", "base"],
}
# Foreign headers that only one layer may speak to.
FOREIGN = {
    "lmdb.h": {"store", "bench"},
    "liburing.h": {"net", "bench"},
    "microhttpd.h": {"api"},
    "yaml.h": {"catalog"},
    "jansson.h": {"api", "tools"},
    "curl/curl.h": {"tools"},
    "xxhash.h": {"base"},
    "pthread.h": {"base", "api", "server", "ingest", "evaluate", "net", "tools", "bench"},
}
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]')


def check(root: pathlib.Path) -> list[str]:
    errors = []
    files = [f for top in ("engine", "tools", "bench") for f in sorted((root / top).rglob("*.[ch]"))]
    assert files, "no sources found: wrong folder?"
    for file in files:
        parts = file.relative_to(root).parts
        layer = parts[1] if parts[0] == "engine" else parts[0]
        for number, line in enumerate(file.read_text().splitlines(), 1):
            found = INCLUDE.match(line)
            if not found:
                continue
            quote, path = found.groups()
            where = f"{file.relative_to(root)}:{number}"
            if path in FOREIGN and layer not in FOREIGN[path]:
                errors.append(f"{where}: {layer} may not include <{path}>; only {', '.join(sorted(FOREIGN[path]))}")
            if quote == '"' and layer in ARROWS:
                used = path.split("/")[0]
                if "/" not in path:
                    errors.append(f'{where}: name the folder: "{layer}/{path}"')
                elif used in ARROWS and used != layer and used not in ARROWS[layer]:
                    errors.append(f"{where}: {layer} may not use {used}; only {', '.join(ARROWS[layer]) or 'nothing'}")
    return errors


if __name__ == "__main__":
    problems = check(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "."))
    print("\n".join(problems) or "layers: every include follows a permitted arrow")
    sys.exit(1 if problems else 0)
