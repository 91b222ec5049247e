"""The installed wheel: its driver by path, its command, its connection strings."""

import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pyodbc
import pytest
import trino_odbc


def test_pyodbc_connects_through_the_driver_of_the_wheel(lab):
    library = Path(trino_odbc.driver_path())
    assert Path(sys.prefix) in library.parents
    with closing(pyodbc.connect(trino_odbc.connect_string(**lab), autocommit=True)) as connection:
        rows = connection.execute("SELECT * FROM tpch.sf1.customer").fetchall()
        maps = Path("/proc/self/maps").read_text()
    assert len(rows) == 150_000
    assert str(library) in maps


def test_the_wheel_needs_no_registration():
    assert pyodbc.drivers() == []


def test_the_console_script_runs_the_command():
    script = Path(sys.executable).with_name("trino-odbc")
    shown = subprocess.run([script, "--version"], capture_output=True, text=True, check=True)
    assert trino_odbc.__version__ in shown.stdout


def test_the_command_registers_the_driver_of_the_wheel(tmp_path):
    script = Path(sys.executable).with_name("trino-odbc")
    environment = {**os.environ, "ODBCSYSINI": str(tmp_path), "ODBCINSTINI": "odbcinst.ini"}
    subprocess.run([script, "install", "--system"], env=environment, check=True)
    assert trino_odbc.driver_path() in Path(tmp_path, "odbcinst.ini").read_text()


@pytest.mark.parametrize(
    "value, quoted",
    [
        ("plain", "plain"),
        ("a;b}c", "{a;b}}c}"),
        (" a ", "{ a }"),
        ("{a", "{{a}"),
        ("a=b", "{a=b}"),
        ("/path/of a/file", "/path/of a/file"),
        (True, "true"),
        (False, "false"),
        (443, "443"),
        (["json+zstd", "json"], "{json+zstd,json}"),
        (Path("/a;b"), "{/a;b}"),
        ("", ""),
    ],
)
def test_a_value_is_quoted_as_odbc_does(value, quoted):
    assert trino_odbc.connect_string(DSN="x", PWD=value) == f"DSN=x;PWD={quoted}"


def test_a_connection_string_names_the_driver_first_unless_it_has_one():
    assert trino_odbc.connect_string(Host="h", UID=None) == f"DRIVER={trino_odbc.driver_path()};Host=h"
    assert trino_odbc.connect_string(driver="{Trino}", Host="h") == "driver={Trino};Host=h"
    assert trino_odbc.connect_string(DSN="a b") == "DSN=a b"


@pytest.mark.parametrize("keywords", [{"a;b": 1}, {"a=b": 1}, {"": 1}, {" a": 1}, {"PWD": "a\0b"}])
def test_what_no_connection_string_can_hold_is_an_error(keywords):
    with pytest.raises(ValueError):
        trino_odbc.connect_string(**keywords)


def test_the_driver_reads_what_was_quoted(lab):
    odd = {**lab, "UID": "a;b}c {d}=e"}
    with closing(pyodbc.connect(trino_odbc.connect_string(**odd), autocommit=True)) as connection:
        assert connection.execute("SELECT current_user").fetchval() == "a;b}c {d}=e"
