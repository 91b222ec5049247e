"""Whether a client's text of a value is the value that Trino's own client reads."""

import datetime
import json
import math
from decimal import Decimal
from uuid import UUID


def differences(expected, texts, tolerated=()):
    """The columns whose text is another value."""
    assert len(texts) == len(expected), texts
    return {
        name: (value, text)
        for (name, value), text in zip(expected.items(), texts)
        if name not in tolerated and not same(value, text)
    }


def same(value, text):
    if value is None:
        return text == "NULL"
    if isinstance(value, bool):
        return text.lower() in (("1", "true") if value else ("", "0", "false"))
    if isinstance(value, (int, Decimal)):
        return Decimal(text) == value
    if isinstance(value, float):
        return math.isclose(float(text), value, rel_tol=1e-14)
    if isinstance(value, bytes):
        return text.lower() == value.hex() or text.encode() == value
    if isinstance(value, (datetime.datetime, datetime.time)):
        # Applications write a fraction with any number of digits, and the session's zone not at all.
        return moment(text) == moment(str(value))
    if isinstance(value, (list, dict)):
        return json.loads(text) == value
    if isinstance(value, UUID):
        return UUID(text) == value
    return text == str(value) or parses_to(text, value)


def parses_to(text, value):
    try:
        return isinstance(value, str) and json.loads(text) == json.loads(value)
    except ValueError:
        return False


def moment(text):
    text = text.removesuffix("Z").removesuffix(" UTC").removesuffix("+00:00").replace("T", " ")
    return text.rstrip("0").rstrip(".") if "." in text else text
