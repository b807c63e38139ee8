"""Tokens as tiles: what is marked, in which direction, and what screen readers say."""

from seq2seq.ui.components.token_tiles import TokenRow, marked_tiles, tiles


def test_scripts_from_right_to_left_are_drawn_so():
    assert '<ol class="tokens enc" dir="rtl"' in tiles(TokenRow(("שלום", "עולם")), "enc")
    assert 'dir="rtl"' in marked_tiles(TokenRow(("مرحبا",)), ("مرحبا",))
    assert "rtl" not in tiles(TokenRow(("नमस्ते", "7", "cat")), "enc")


def test_a_token_outside_the_vocabulary_is_marked_also_for_screen_readers():
    shown = tiles(TokenRow(("one", "purple"), unknown=frozenset({"purple"})), "enc")
    assert "<li>one</li>" in shown
    assert '<li class="unknown">purple<span class="unseen"> (unknown to the model)</span>' in shown


def test_a_blank_that_is_a_token_can_be_seen():
    assert "<li>␣</li>" in tiles(TokenRow(("a", " ", "b"), "a b"))
