"""The QR code of a class's link."""

import xml.etree.ElementTree as ElementTree

import pytest
import segno

from seq2seq.ui.classroom.qr_code import MAX_LINK, qr_code

LINK = "https://example.org/lab/?class=room-8b&lesson=bottleneck"


def test_it_is_a_drawing_of_the_link_without_any_text():
    found = ElementTree.fromstring(qr_code(LINK))
    modules = segno.make(LINK, error="m").symbol_size(border=4)[0]
    assert found.get("viewBox") == f"0 0 {modules} {modules}"
    assert [part.tag for part in found.iter()] == ["svg", "path"]
    assert qr_code(LINK) != qr_code(LINK + "2")


@pytest.mark.parametrize("link", [None, 7, "", "javascript:alert(1)", "https://" + MAX_LINK * "x"])
def test_what_is_no_link_has_no_code(link):
    assert qr_code(link) == ""
