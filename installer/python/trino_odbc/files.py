"""The files that the package carries."""

import sys
from pathlib import Path

_FOLDER = Path(__file__).resolve().parent


def driver_path() -> str:
    """The absolute path of the driver's library, as ``DRIVER=`` takes it."""
    names = {"win32": "trinoodbc.dll", "darwin": "libtrinoodbc.dylib"}
    return _existing(names.get(sys.platform, "libtrinoodbc.so"))


def command_path() -> str:
    """The absolute path of the command ``trino-odbc``."""
    return _existing("trino-odbc.exe" if sys.platform == "win32" else "trino-odbc")


def _existing(name: str) -> str:
    path = _FOLDER / name
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing: install the wheel of trino-odbc, its sources alone have no driver")
    return str(path)
