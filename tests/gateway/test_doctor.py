"""What `trino-odbc doctor` says on each front, as `docs/gateways.md` has it."""

import os
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "gateways.md"
BEGIN, END = "<!-- doctor: begin -->\n", "<!-- doctor: end -->"
HEAD = "\n| Front | Retrieval mode | The sentence |\n|---|---|---|\n"

MODES = ["STORAGE", "COORDINATOR_STORAGE_REDIRECT", "COORDINATOR_PROXY"]

# Fronts by name: how the page calls each, and what a user would set there. What segments meet depends on the retrieval
# mode; the rest is tried in one.
BY_MODE = {
    "gateway": ("Trino Gateway, its defaults", {}),
    "gateway_spooled": ("Trino Gateway that lets `/v1/spooled` through", {}),
    "statements_only": ("Only `/v1/statement` goes through, a page answers the rest", {}),
}
ONCE = {
    "cookie": ("HAProxy, two coordinators, a cookie binds clients", {}),
    "cookie without Cookies": ("The same, with `Cookies=false`", {"Cookies": "false"}),
    "roundrobin": ("HAProxy, two coordinators, nothing binds clients", {}),
    "tls_forwarded": ("nginx ends TLS and forwards how it was reached", {"tls": True}),
    "tls_upstream_host": ("nginx ends TLS and forwards nothing", {"tls": True}),
    "tls_own_host": ("nginx ends TLS and forwards the host alone", {"tls": True}),
    "head_403": ("HEAD is refused", {}),
    "api_key": ("A key is wanted with each request", {}),
    "api_key with ExtraHeaders": ("The same, with `ExtraHeaders`", {"ExtraHeaders": "X-Api-Key:k"}),
    "narrow_headers": ("Headers up to 8 KB", {"tls": True}),
    "small_bodies": ("Bodies up to 100 KB", {}),
    "sign_in_page": ("A page to sign in at answers everything", {}),
    "sign_in_redirect": ("Everything is sent on to a page to sign in at", {}),
}


def table():
    """The sentences of the page, by front and mode."""
    text = PAGE.read_text()
    sentences = {}
    for line in text.split(BEGIN)[1].split(END)[0].splitlines():
        if line.startswith("| ") and not line.startswith("| Front "):
            front, modes, sentence = line.strip("| ").split(" | ")
            for mode in modes.split(", "):
                sentences[front, mode] = sentence
    return sentences


def write(sentences):
    """Puts the sentences into the page, the modes with the same one together."""
    rows = []
    for front, _ in [*BY_MODE.values(), *ONCE.values()]:
        groups = {}
        for mode in ["any", *MODES]:
            if (front, mode) in sentences:
                groups.setdefault(sentences[front, mode], []).append(mode)
        rows += [f"| {front} | {', '.join(modes)} | {sentence} |\n" for sentence, modes in groups.items()]
    before, rest = PAGE.read_text().split(BEGIN)
    after = rest.split(END)[1]
    PAGE.write_text("".join([before, BEGIN, HEAD, *rows, "\n", END, after]))


def check(front, shown, mode, sentence):
    sentences = table()
    if sentences.get((shown, mode)) != sentence and "UPDATE_DOCS" in os.environ:
        sentences[shown, mode] = sentence
        write(sentences)
        return
    assert sentences.get((shown, mode)) == sentence, f"{front}: run the kind `gateway` with UPDATE_DOCS=1"


@pytest.mark.parametrize("front", BY_MODE)
def test_the_doctor_says_what_segments_meet(fronts, front):
    shown, keywords = BY_MODE[front]
    check(front, shown, fronts.mode, fronts.doctor(front, **keywords))


@pytest.mark.parametrize("front", ONCE)
def test_the_doctor_says_what_stands_in_front(fronts, front):
    if fronts.mode != "STORAGE":
        return
    shown, keywords = ONCE[front]
    check(front, shown, "any", fronts.doctor(front.split()[0], **keywords))
