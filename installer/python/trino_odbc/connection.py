"""Connection strings with ODBC's quoting."""

import os

from trino_odbc.files import driver_path

# In a value, each of these needs braces by the ODBC reference.
_SPECIAL = frozenset("[]{}(),;?*=!@")


def connect_string(**keywords) -> str:
    """The connection string of these keywords, for ``pyodbc.connect`` and everything else that takes one.

    The driver is this package's unless ``DRIVER`` names another one or ``DSN`` a data source. None leaves a
    keyword out, True and False become ``true`` and ``false``, and a list its items with commas between them.
    """
    given = {name: value for name, value in keywords.items() if value is not None}
    if not {"driver", "dsn", "filedsn"} & {name.lower() for name in given}:
        given = {"DRIVER": driver_path(), **given}
    return ";".join(f"{_name(name)}={_value(name, value)}" for name, value in given.items())


def _name(name: str) -> str:
    if not name or name != name.strip() or set(name) & set("[]{}(),;?*=!@\\\0"):
        raise ValueError(f"{name!r} cannot be a keyword of a connection string")
    return name


def _value(name: str, value) -> str:
    if isinstance(value, bool):
        text = "true" if value else "false"
    elif isinstance(value, (list, tuple)):
        text = ",".join(map(str, value))
    else:
        text = os.fspath(value) if isinstance(value, os.PathLike) else str(value)
    if "\0" in text:
        raise ValueError(f"the value of {name} holds a NUL character, which ends a connection string")
    if name.lower() == "driver" and text.startswith("{") and text.endswith("}"):
        # As it stands in connection strings that people know: DRIVER={Trino}.
        return text
    if text != text.strip() or set(text) & _SPECIAL:
        return "{" + text.replace("}", "}}") + "}"
    return text
