"""Records, columns and separators of files as other programs write them."""

import pytest

from seq2seq.tasks.tables.parsing import parse_table


def read(text: str, **options) -> list[tuple[str, ...]]:
    return [row.cells for row in parse_table(text, **options).rows]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_quoted_cell_may_have_several_lines(end):
    text = end.join(['dog,"Hund', "", 'oder Köter"', '"cat', 'or ""tom""",Katze', "cow,Kuh"])
    table = parse_table(text)
    assert [row.cells for row in table.rows] == [
        ("dog", "Hund\n\noder Köter"), ('cat\nor "tom"', "Katze"), ("cow", "Kuh")]
    assert [row.line for row in table.rows] == [1, 4, 6]
    assert not table.skipped


def test_in_tab_separated_text_each_line_with_a_tab_is_a_record():
    assert read('"a\tb\nc"\td\ne\t"f\ng"\nh\ti') == [
        ('"a', "b"), ('c"', "d"), ("e", "f\ng"), ("h", "i")]


def test_a_stray_quotation_mark_swallows_one_line_only():
    table = parse_table('"Hello,Hallo\n' + "a,b\n" * 50 + 'c,"d"\n')
    assert [skipped.line for skipped in table.skipped] == [1]
    assert len(table.rows) == 51


def test_empty_columns_at_the_end_do_not_change_the_separator():
    assert read("Meier, Anna;Anna Meier;;\nKurz, Jo;Jo Kurz;;") == [
        ("Meier, Anna", "Anna Meier"), ("Kurz, Jo", "Jo Kurz")]


def test_a_column_of_numbers_or_licences_is_ignored():
    """As in the sentence pairs of Tatoeba: number, sentence, number, sentence."""
    table = parse_table("1276\tLet's go!\t2481\tVamos.\n1277\tGo.\t2482\tVe.")
    assert table.columns == ("ignore", "source", "ignore", "target")
    assert [row.cells for row in table.rows] == [("Let's go!", "Vamos."), ("Go.", "Ve.")]
    assert read("Go.\tVa !\tCC-BY 2.0\t7\nHi.\tSalut.\tCC-BY 2.0\t8") == [
        ("Go.", "Va !"), ("Hi.", "Salut.")]
    assert read("7,8\n9,10") == [("7", "8"), ("9", "10")]
    assert read("7\t8\t9\na\tb\tc", several=True) == [("7", "8", "9"), ("a", "b", "c")]


def test_dashes_inside_lines_end_nothing():
    table = parse_table("a - b -> c\n----\nd --- e -> f")
    assert (table.end, len(table.rows)) == (2, 2)
