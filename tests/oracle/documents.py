"""Agreement documents and event records as the files that `nines evaluate` reads."""

import json
import re
from decimal import Decimal

# A plain scalar that YAML reads as we mean it; whatever else goes in double quotes, where JSON's escapes are YAML's.
PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_./%+-]*(:[A-Za-z0-9_./%+-]+)*( [<A-Za-z0-9][A-Za-z0-9_./%+-]*)*")


def scalar(value):
    text = str(value)
    return text if PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)


def block(value, indent):
    """Lines of a block mapping; lists stand in flow style, as people write them."""
    for key, item in value.items():
        if isinstance(item, dict) and item:
            yield f"{indent}{key}:"
            yield from block(item, indent + "  ")
        else:
            yield f"{indent}{key}: {flow(item)}"


def flow(value):
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(flow(item) for item in value) + "]"
    return scalar(value)


def to_yaml(documents):
    """Documents are dicts, or text that is taken as it is (for what no dict can say, such as a repeated key)."""
    texts = [one if isinstance(one, str) else "\n".join(block(one, "")) + "\n" for one in documents]
    return "---\n".join(texts)


def to_ndjson(records):
    return "".join(line(record) + "\n" for record in records)


def line(record):
    """One record. `json` would round a Decimal to a double, so numbers with a fraction are printed here."""
    members = (
        f"{json.dumps(key)}:{format(value, 'f') if isinstance(value, Decimal) else json.dumps(value)}"
        for key, value in record.items()
    )
    return "{" + ",".join(members) + "}"
