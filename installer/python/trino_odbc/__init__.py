"""The ODBC driver for Trino as a Python package.

    import pyodbc, trino_odbc

    connection = pyodbc.connect(
        trino_odbc.connect_string(Host="trino.example.org", UID="ann", PWD="secret", SSL=True),
        autocommit=True,
    )

With SQLAlchemy: ``create_engine("trino+pyodbc://ann:secret@trino.example.org:443/catalog/schema")``.
"""

from importlib.metadata import PackageNotFoundError, version

from trino_odbc.connection import connect_string
from trino_odbc.files import command_path, driver_path

__all__ = ["__version__", "command_path", "connect_string", "driver_path"]

try:
    __version__ = version("trino-odbc")
except PackageNotFoundError:
    __version__ = "unknown"
