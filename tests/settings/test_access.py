"""Who may do what: addresses and domains in the settings."""

from __future__ import annotations

import pytest

from driftcore.settings import Access

TEAM = Access(editors=("Ada@Example.org", "@core.org"), viewers=("@example.org", "bob@core.org"))


@pytest.mark.parametrize(
    ("email", "role"),
    [
        ("ada@example.org", "editor"),
        ("eve@example.org", "viewer"),
        ("eve@core.org", "editor"),
        # the address goes before the domain, also where the domain could do more
        ("bob@core.org", "viewer"),
        ("eve@elsewhere.org", None),
        # a domain is a whole one
        ("eve@mail.example.org", None),
        ("eve@example.org.elsewhere.org", None),
        ("eve@notexample.org", None),
    ],
)
def test_an_address_goes_before_its_domain(email: str, role: str | None) -> None:
    assert TEAM.role(email) == role


def test_capitals_make_no_difference() -> None:
    assert TEAM.role("ADA@EXAMPLE.ORG") == "editor"


def test_who_stands_on_both_lists_is_an_editor() -> None:
    both = Access(editors=("ada@example.org",), viewers=("ada@example.org",))
    assert both.role("ada@example.org") == "editor"


@pytest.mark.parametrize(
    "email", ["ada@core.org@elsewhere.org", "ada@elsewhere.org@core.org", "core.org", "", "@core.org@"]
)
def test_what_is_no_address_matches_no_rule(email: str) -> None:
    assert TEAM.role(email) is None


def test_a_letter_that_only_looks_like_another_is_another() -> None:
    # Unicode's lower case of the Kelvin sign is k, and its case folding of ß is ss
    people = Access(editors=("kim@example.org", "strasse@example.org"), viewers=())
    assert people.role("\N{KELVIN SIGN}im@example.org") is None
    assert people.role("straße@example.org") is None


def test_without_a_list_of_viewers_everybody_who_signed_in_may_look() -> None:
    open_to_read = Access(editors=("ada@example.org",))
    assert open_to_read.role("eve@elsewhere.org") == "viewer"
    # also who has no address that the provider vouches for
    assert open_to_read.role(None) == "viewer"


def test_with_a_list_of_viewers_nobody_else_comes_in() -> None:
    assert Access(editors=("ada@example.org",), viewers=()).role("eve@elsewhere.org") is None
    assert TEAM.role(None) is None


def test_without_any_rule_nobody_edits() -> None:
    assert Access().role("ada@example.org") == "viewer"
