"""The console script ``trino-odbc``: the command that the package carries."""

import os
import subprocess
import sys

from trino_odbc.files import command_path


def main() -> None:
    """Runs the command with this program's arguments, in the place of this process where the system can."""
    arguments = [command_path(), *sys.argv[1:]]
    if os.name == "nt":
        sys.exit(subprocess.call(arguments))
    os.execv(arguments[0], arguments)
