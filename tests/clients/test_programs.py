"""Clients in other languages: each prints the values of one row, one a line, and NULL for a missing one."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from compare import differences
from conftest import QUERY

SOURCE = os.environ["CLIENTS_DSN"]
HERE = Path(__file__).parent


def run(*arguments, **options):
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=120, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def version(*arguments):
    return re.search(r"\d+(\.\d+)+", run(*arguments)).group()


def test_isql(client, expected):
    client.is_called("isql", version("isql", "--version"))
    columns = run("isql", SOURCE, "-b", "-d\x1f", input=QUERY + "\n").rstrip("\n").split("\x1f")
    values = [value or "NULL" for value in columns]
    assert not differences(expected, values[: len(expected)])


def test_iusql(client, expected):
    client.is_called("iusql", version("isql", "--version"))
    columns = run("iusql", SOURCE, "-b", "-d|", input=QUERY + "\n").rstrip("\n").split("|")
    assert not differences(expected, [value or "NULL" for value in columns][: len(expected)])


def test_perl(client, expected):
    client.is_called("Perl DBD::ODBC", run("perl", "-MDBD::ODBC", "-e", "print $DBD::ODBC::VERSION"))
    values = run("perl", HERE / "values.pl", SOURCE, QUERY).splitlines()
    assert not differences(expected, values)


def test_php_odbc(client, expected):
    client.is_called("PHP `odbc`", version("php", "--version"))
    assert not differences(expected, run("php", HERE / "values.php", "odbc", SOURCE, QUERY).splitlines())


def test_php_pdo(client, expected):
    remark = "needs `PDO::ODBC_ATTR_USE_CURSOR_LIBRARY => PDO::ODBC_SQL_USE_DRIVER`"
    client.is_called("PHP `PDO_ODBC`", version("php", "--version"), remark)
    assert not differences(expected, run("php", HERE / "values.php", "pdo", SOURCE, QUERY).splitlines())


def test_r_rodbc(client, expected):
    if not shutil.which("Rscript") or subprocess.run(["Rscript", "-e", "library(RODBC)"], capture_output=True).returncode:
        client.is_missing("R RODBC", "install r-cran-rodbc")
    told = run("Rscript", "-e", "cat(as.character(packageVersion('RODBC')))")
    client.is_called("R RODBC", told, "`as.is = TRUE` keeps text and decimals; the least `integer` is R's `NA`")
    values = run("Rscript", HERE / "values.R", SOURCE, QUERY).splitlines()
    assert not differences(expected, values, tolerated=["integer"])


def test_r_odbc(client, expected):
    if not shutil.which("Rscript") or subprocess.run(["Rscript", "-e", "library(odbc)"], capture_output=True).returncode:
        client.is_missing("R odbc (DBI, dbplyr)", "CRAN cannot be reached, and Debian 12 has no package of it")
    client.is_called("R odbc", run("Rscript", "-e", "cat(as.character(packageVersion('odbc')))"))
    assert run("Rscript", HERE / "dbi.R", SOURCE).strip() == "25"


def test_go(client, expected, tmp_path):
    if not shutil.which("go"):
        client.is_missing("Go alexbrainman/odbc", "Go is not installed")
    module = "github.com/alexbrainman/odbc"
    for name in ("go.mod", "go.sum", "main.go"):
        if (HERE / "go" / name).exists():
            shutil.copy(HERE / "go" / name, tmp_path)
    run("go", "build", "-o", "values", ".", cwd=tmp_path)
    (told,) = [line.split()[1] for line in run("go", "list", "-m", "all", cwd=tmp_path).splitlines() if line.startswith(module)]
    client.is_called("Go alexbrainman/odbc", told, "reads decimals as `float64`: `CAST(... AS varchar)` keeps all digits")
    values = run(tmp_path / "values", SOURCE, QUERY).splitlines()
    assert not differences(expected, values, tolerated=["decimal"])


def test_node(client, expected):
    if not shutil.which("node") or subprocess.run(["node", "-e", "require('odbc')"], capture_output=True).returncode:
        client.is_missing("node `odbc`", "the package is not installed where NODE_PATH says, or was not built")
    told = run("node", "-p", "require('odbc/package.json').version").strip()
    client.is_called("node `odbc`", told, "reads decimals as numbers: `CAST(... AS varchar)` keeps all digits")
    assert not differences(expected, run("node", HERE / "node/values.js", SOURCE, QUERY).splitlines(), tolerated=["decimal"])


def test_libreoffice(client, expected, tmp_path):
    """Base reads the row; Calc imports a table, whose last row and page are looked at."""
    python = "/usr/bin/python3"
    if not shutil.which("soffice") or subprocess.run([python, "-c", "import uno"], capture_output=True).returncode:
        client.is_missing("LibreOffice", "install libreoffice-base-nogui, libreoffice-calc-nogui and python3-uno")
    remark = "shows `uuid` as bytes: `CAST(... AS varchar)`"
    client.is_called("LibreOffice Base and Calc", version("soffice", "--version"), remark)
    table = "SELECT nationkey, name FROM tpch.tiny.nation ORDER BY nationkey"
    values = run(python, HERE / "office.py", SOURCE, QUERY, table, tmp_path).splitlines()
    row, last = values[: len(expected)], values[len(expected) :]
    row[list(expected).index("varbinary")] = row[list(expected).index("varbinary")].removeprefix("0x")
    assert not differences(expected, row, tolerated=["uuid"])
    assert last == ["24.0", "UNITED STATES"]
    assert (tmp_path / "calc.pdf").read_bytes().startswith(b"%PDF-")
