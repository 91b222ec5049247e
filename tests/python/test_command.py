"""The command trino-odbc on a real Trino."""

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time

import pytest


def command(*arguments, text=None):
    """Runs the command; gives its code, output and errors."""
    program = os.environ["TRINO_ODBC_COMMAND"]
    done = subprocess.run(
        [program, *arguments], input=text, capture_output=True, text=True, timeout=120, check=False
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("which", ["lab", "secured"])
def test_the_doctor_finds_nothing_wrong_with_a_right_connection(which, request):
    any_lab = request.getfixturevalue(which)
    code, said, errors = command("doctor", any_lab.connection_string(), "--json")
    assert code == 0, said + errors
    report = json.loads(said)
    assert report["works"]
    steps = {step["step"]: step for step in report["steps"]}
    assert steps["Server"]["found"] == f"Trino {any_lab.version}"
    assert "100000 rows" in steps["Result"]["found"]
    if any_lab.spooling:
        assert any_lab.mode in steps["Spooling"]["found"]
        assert {"name": "trusted", "value": "by StorageTrustStore"} in steps["Storage"]["facts"]


def test_the_doctor_names_who_signed_a_storage_that_is_not_trusted(lab):
    if not lab.storage_ca:
        pytest.skip("this server's storage has no authority of its own")
    code, said, _ = command("doctor", lab.connection_string(StorageTrustStore=None))
    assert code == 1
    assert "set StorageTrustStore" in said.splitlines()[-1]


def test_a_query_prints_what_the_server_has(lab):
    sql = "SELECT name, regionkey, NULL AS nothing FROM tpch.tiny.nation ORDER BY 1 LIMIT 2"
    target = lab.connection_string()
    code, said, errors = command("query", target, sql, "--csv")
    assert (code, said) == (0, "name,regionkey,nothing\nALGERIA,0,\nARGENTINA,1,\n"), errors
    code, said, _ = command("query", target, "-", "--json", text=sql)
    assert [json.loads(line) for line in said.splitlines()] == [
        {"name": "ALGERIA", "regionkey": 0, "nothing": None},
        {"name": "ARGENTINA", "regionkey": 1, "nothing": None},
    ]
    code, said, _ = command("query", target, sql, "--table")
    assert said.splitlines()[2].split() == ["ALGERIA", "0", "NULL"]
    code, said, _ = command("query", target, sql, "--format", "tsv", "--no-header")
    assert said == "ALGERIA\t0\t\\N\nARGENTINA\t1\t\\N\n"


# What JSON has for each, and its text.
VALUES = [
    ("true", True, "1"),
    ("BIGINT '9223372036854775807'", 2**63 - 1, "9223372036854775807"),
    ("1.5E300", 1.5e300, None),
    ("nan()", "NaN", "NaN"),
    ("DECIMAL '12345678901234567890.10'", "12345678901234567890.10", "12345678901234567890.10"),
    ("ARRAY[1, NULL]", [1, None], "[1,null]"),
    ("JSON '{\"a\": [1]}'", {"a": [1]}, '{"a":[1]}'),
    ("''", "", ""),
    ("'say \"hi\", twice' || chr(10) || 'tab' || chr(9) || chr(92) || 'N'", 'say "hi", twice\ntab\t\\N', ...),
    ("X'00ff'", "00FF", "00FF"),
    ("DATE '2024-02-29'", "2024-02-29", "2024-02-29"),
    ("CAST(NULL AS varchar)", None, ""),
]


def test_every_format_keeps_every_value(lab):
    names = ", ".join(f"{sql} AS c{i}" for i, (sql, *_) in enumerate(VALUES))
    target, sql = lab.connection_string(), f"SELECT {names}"
    code, said, errors = command("query", target, sql, "-f", "json")
    assert code == 0, errors
    assert list(json.loads(said).values()) == [value for _, value, _ in VALUES]
    texts = [(value if text is ... else text) for _, value, text in VALUES]
    _, said, _ = command("query", target, sql, "-f", "csv", "--no-header")
    for read, text in zip(next(csv.reader(io.StringIO(said, newline=""))), texts):
        assert text in (None, read)
    assert said.rstrip().endswith(",2024-02-29,")
    assert ',"",' in said
    _, said, _ = command("query", target, sql, "-f", "tsv", "--no-header", "--null", "none")
    fields = said.removesuffix("\n").split("\t")
    assert fields[-1] == "none"
    assert fields[8] == 'say "hi", twice\\ntab\\t\\\\N'
    assert len(fields) == len(VALUES)


def test_columns_of_one_name_keep_their_values_in_json(lab):
    _, said, _ = command("query", lab.connection_string(), "SELECT 1 AS x, 2 AS x", "--json")
    assert json.loads(said) == {"x": 1, "x_2": 2}


def test_a_large_result_arrives_whole_in_a_file(lab, tmp_path):
    path = tmp_path / "orders.csv"
    code, _, errors = command(
        "query", lab.connection_string(), "SELECT orderkey FROM tpch.sf1.orders", "--output", str(path)
    )
    assert code == 0, errors
    keys = path.read_text().split()[1:]
    assert len(keys) == len(set(keys)) == 1_500_000


def test_a_query_that_fails_half_way_leaves_no_partial_file(lab, tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("former")
    # The last row fails, when the first ones have been written.
    sql = "SELECT orderkey, 1 / (orderkey - 6000000) FROM tpch.sf1.orders"
    code, _, errors = command("query", lab.connection_string(), sql, "--output", str(path))
    assert code == 1
    assert "Division by zero" in errors
    assert path.read_text() == "former"
    assert os.listdir(tmp_path) == ["rows.csv"]


def test_a_reader_that_has_enough_is_no_failure(lab):
    program = os.environ["TRINO_ODBC_COMMAND"]
    sql = "SELECT * FROM tpch.sf1.orders"
    with subprocess.Popen(
        [program, "query", lab.connection_string(), sql], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")
def test_an_interrupted_query_ends_with_130_and_leaves_no_file(lab, tmp_path):
    path = tmp_path / "rows.csv"
    sql = "SELECT count(*) FROM tpch.sf100.lineitem a, tpch.sf100.lineitem b /* interrupted */"
    program = os.environ["TRINO_ODBC_COMMAND"]
    with subprocess.Popen(
        [program, "query", lab.connection_string(), sql, "--output", str(path)], stderr=subprocess.PIPE
    ) as process:
        running = (
            "SELECT count(*) FROM system.runtime.queries WHERE state = 'RUNNING' "
            "AND query LIKE '%/* interrupted */' AND query NOT LIKE '%runtime%'"
        )
        wait_for(lab, running, "1")
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
        assert b"interrupted" in process.stderr.read()
    wait_for(lab, running, "0")
    assert os.listdir(tmp_path) == []


def wait_for(lab, sql, wanted):
    """Waits until the query has that one value."""
    for _ in range(60):
        _, said, _ = command("query", lab.connection_string(), sql, "--csv", "--no-header")
        if said.strip() == wanted:
            return
        time.sleep(0.5)
    raise AssertionError(f"{sql}: {said}")


def at_a_terminal(*arguments, stdout=None, **environment):
    """Runs the command with a terminal as standard error, and as standard output unless it is given."""
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", **environment}
    environment.pop("NO_COLOR", None) if "NO_COLOR" not in environment else None
    process = subprocess.Popen(
        [os.environ["TRINO_ODBC_COMMAND"], *arguments],
        stdin=subprocess.DEVNULL,
        stdout=stdout or theirs,
        stderr=theirs,
        env=environment,
    )
    os.close(theirs)
    shown = b""
    try:
        while part := os.read(ours, 1 << 16):
            shown += part
    except OSError:
        # The other end is closed.
        pass
    os.close(ours)
    assert process.wait(60) == 0, shown
    return shown.decode()


COLOUR = "\x1b[32m"


def test_progress_is_shown_on_a_terminal_only(lab, tmp_path):
    query = ["query", lab.connection_string(), "SELECT * FROM tpch.sf1.orders", "--output"]
    shown = at_a_terminal(*query, str(tmp_path / "a.csv"))
    assert " rows, " in shown
    assert "\x1b[" in shown
    shown = at_a_terminal(*query, str(tmp_path / "b.csv"), TERM="dumb")
    assert "\x1b" not in shown
    assert shown.startswith("1500000 rows in ")
    _, said, errors = command(*query, str(tmp_path / "c.csv"))
    assert "\x1b" not in said + errors
    assert errors.startswith("1500000 rows in ")


def test_the_doctor_has_colours_on_a_terminal_only(lab):
    doctor = ["doctor", lab.connection_string()]
    shown = at_a_terminal(*doctor)
    assert COLOUR in shown
    assert "signing in" in shown
    assert COLOUR not in at_a_terminal(*doctor, NO_COLOR="1")
    assert "\x1b" not in at_a_terminal(*doctor, TERM="dumb")
    _, said, errors = command(*doctor)
    assert "\x1b" not in said + errors


def test_a_terminal_gets_a_table_without_the_control_characters_of_data(lab):
    sql = "SELECT chr(27) || '[31mred' AS c, 7 AS n"
    shown = at_a_terminal("query", lab.connection_string(), sql, TERM="dumb")
    assert "\\u{1b}[31mred  7" in shown


def test_a_failed_query_ends_with_1_and_the_servers_words(lab):
    code, said, errors = command("query", lab.connection_string(), "SELECT nothing")
    assert (code, said) == (1, "")
    assert "nothing" in errors


def test_a_password_that_is_typed_is_not_shown(secured):
    pty, termios = pytest.importorskip("pty"), pytest.importorskip("termios")
    program = os.environ["TRINO_ODBC_COMMAND"]
    arguments = ["query", secured.connection_string(Password=None), "SELECT 6 * 7", "--csv", "--password-stdin"]
    child, terminal = pty.fork()
    if not child:
        os.execv(program, [program, *arguments])
    shown = b""
    try:
        while b"Password: " not in shown:
            shown += os.read(terminal, 1024)
        local_modes = 3
        while termios.tcgetattr(terminal)[local_modes] & termios.ECHO:
            time.sleep(0.01)
        os.write(terminal, secured.password.encode() + b"\n")
        while part := os.read(terminal, 1024):
            shown += part
    except OSError:  # How a terminal ends whose program has ended.
        pass
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0, shown
    assert b"42" in shown and secured.password.encode() not in shown
