"""A visitor's anonymous token, which is the same for all requests of a page."""

from types import SimpleNamespace

import pytest
from gradio.context import LocalContext

from seq2seq.ui.session import valid_owner


@pytest.fixture
def asked_by():
    """Let a page ask; afterwards nobody does."""
    def ask(session_hash: str | None) -> None:
        LocalContext.request.set(SimpleNamespace(session_hash=session_hash))
    yield ask
    LocalContext.request.set(None)


def test_who_presses_train_before_the_page_knows_its_token_is_the_same_visitor(asked_by):
    asked_by("page 1")
    loading, training = valid_owner(None), valid_owner(None)
    assert loading == training == valid_owner(loading)
    asked_by("page 2")
    assert valid_owner(None) != loading
    assert valid_owner(loading) == loading  # the browser holds it
    assert "page" not in loading


@pytest.mark.parametrize("token", [None, "", 3, "x" * 21, "x" * 23, "../" * 8, ["x" * 22]])
def test_what_cannot_be_a_token_is_replaced(token, asked_by):
    assert valid_owner(token) != valid_owner(token)  # nobody asks: each time another
    asked_by("\ud800")
    assert len(valid_owner(token)) == 22
