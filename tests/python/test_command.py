"""The command trino-odbc on a real Trino."""

import json
import os
import subprocess

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
        {"name": "ALGERIA", "regionkey": "0", "nothing": None},
        {"name": "ARGENTINA", "regionkey": "1", "nothing": None},
    ]
    code, said, _ = command("query", target, sql, "--table")
    assert said.splitlines()[2].split() == ["ALGERIA", "0", "NULL"]


def test_a_large_result_arrives_whole_in_a_file(lab, tmp_path):
    path = tmp_path / "orders.csv"
    code, _, errors = command(
        "query", lab.connection_string(), "SELECT orderkey FROM tpch.sf1.orders", "--output", str(path)
    )
    assert code == 0, errors
    keys = path.read_text().split()[1:]
    assert len(keys) == len(set(keys)) == 1_500_000


def test_a_failed_query_ends_with_1_and_the_servers_words(lab):
    code, said, errors = command("query", lab.connection_string(), "SELECT nothing")
    assert (code, said) == (1, "")
    assert "nothing" in errors
