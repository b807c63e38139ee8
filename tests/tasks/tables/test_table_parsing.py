"""Uploaded tables: encodings, separators, limits; errors name the line."""

import re
import zipfile
from contextlib import suppress
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seq2seq import TrainConfig
from seq2seq.data.splits import make_splits
from seq2seq.errors import InputError
from seq2seq.tasks import get_task
from seq2seq.tasks.tables.parsing import MAX_CHARACTERS, MAX_PAIRS, PAGE, allow, parse_table
from seq2seq.tasks.tables.text_encoding import decode

TEXT = "Öl -> öl\nŁódź -> łódź\n日本 -> 東京\n"


def cells(text, **options):
    return [row.cells for row in parse_table(text, **options).rows]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_unicode_is_read(encoding):
    assert decode(TEXT.encode(encoding)) == TEXT


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_utf_16_is_found_without_a_mark(encoding, mark):
    text = "cat,cats\r\nÖl,Öle\r\n"
    assert decode((mark + text).encode(encoding)) == text


def archive() -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        made.writestr("a", "b")
    return file.getvalue()


@pytest.mark.parametrize(("data", "words"), [
    ("ok,fine\ncafé,thé\n".encode("cp1252"), "line 2.*Windows-1252.*“CSV UTF-8”"),
    ("Tür;porte\n“été”;Sommer\n".encode("cp1252"), "line 1.*Windows-1252"),
    ("日本,東京".encode("shift_jis"), "UTF-8"),
    (archive(), "spreadsheet"), (b"%PDF-1.7", "PDF"), (b"\x89PNG\r\n", "picture"),
    (b"\x1f\x8b\x08", "compressed"), (bytes(range(256)), "not text"),
    (b"a,b\n" * 9 + b"\x00\x01", "not text"),
    (b"a,b\nc\x07,d", "line 2 contains a control"), (TEXT.encode("utf-32"), "not"),
    ("ab".encode("utf-16") + b"\x00", "UTF-16"),
])
def test_what_is_not_text_gets_a_sentence(data, words):
    with pytest.raises(InputError, match=words) as caught:
        decode(data)
    assert "UTF-8" in str(caught.value)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data):
    with suppress(InputError):
        parse_table(decode(data))


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(text):
    with suppress(InputError):
        assert all(len(row.cells) == 2 and all(row.cells) for row in parse_table(text).rows)


@pytest.mark.parametrize("text", [
    "a,b\r\nc,d\r\n", "a,b\rc,d", "a;b\nc;d", "a\tb\n\n\nc\td", '"a","b"\n"c","d"', "a→b\nc → d",
    "source,target\na,b\nc,d", "Input\tOutput\na\tb\nc\td", "\ufeffa,b\nc,d", "a,b\n---\nc,d"])
def test_ways_to_write_the_same(text):
    assert cells(text) == [("a", "b"), ("c", "d")]


def test_quotes_keep_commas_and_quotes():
    assert cells('"a, b","say ""c"""') == [("a, b", 'say "c"')]


def test_a_heading_alone_is_a_pair_and_other_words_are_no_heading():
    assert cells("source,target") == [("source", "target")]
    assert cells("word,words\ncat,cats") == [("word", "words"), ("cat", "cats")]
    assert cells("input -> output\na -> b")[0] == ("input", "output")


def test_only_line_ends_end_lines():
    assert cells("a\u2028b,c\x85d") == [("a\u2028b", "c\x85d")]


@pytest.mark.parametrize(("text", "reason", "words"), [
    ("a,b\na,b,c", "columns", "Line 2 .*3 columns"),
    ("a\tb\n\na\tb\tc", "columns", "Line 3 .*3 columns"),
    ("a -> b\nhello", "separator", "Line 2 .*no “->”"),
    ("a\tb\nhello", "separator", "Line 2 .*no tab"), ("a,b\n,c", "empty", "Line 2 .*empty"),
    ('a,b\n"c,d', "quotes", "Line 2 .*CSV"),
    ("cat -> cats\n\ud83d -> x", "character", "Line 2 contains an invalid character"),
])
def test_a_line_that_is_no_pair_is_left_out_with_its_reason(text, reason, words):
    table = parse_table(text)
    assert len(table.rows) == 1
    [skipped] = table.skipped
    assert skipped.reason == reason
    assert re.match(words, str(skipped.problem))


@pytest.mark.parametrize(("text", "words"), [
    ("hello", "Line 1 .*no “->” .* cat -> cats"),
    ("a -> b\nsome\nprose\nwithout", "Line 2 .*no “->”"),  # most lines: it is no table
    ("a,b\n" * 10 * MAX_PAIRS, f"lines: at most {MAX_PAIRS:,}.*line {MAX_PAIRS + 1:,}"),
    ("\n" + "a,b\n" * (MAX_PAIRS + 1), f"line {MAX_PAIRS + 2:,}"),
    ("a,b\n" + "x" * (MAX_CHARACTERS + 1), f"at most {MAX_CHARACTERS:,}.* line 2"),
])
def test_mistakes_name_their_line(text, words):
    allow(PAGE)
    with pytest.raises(InputError, match=words):
        parse_table(text)


def test_several_answers_stand_in_further_columns():
    assert cells("a\tb\tc\nd\te\t\n", several=True) == [("a", "b", "c"), ("d", "e")]


def test_a_side_that_is_too_long_is_named_by_its_line():
    text = "a,b\n\n" + "c" * 250 + ",d"
    assert str(get_task("pairs", text).skipped[0].problem).startswith(
        "Line 3 has a side of 250 tokens")
    with pytest.raises(InputError, match="Line 1 has a side of 250 tokens"):  # no other pair
        get_task("pairs", text.split()[-1])


def test_pairs_below_a_line_of_dashes_are_held_out():
    task = get_task("pairs", "ab,x\ncd,y\nab,z\n----\nba,z\nba,w\nlong,z\n")
    splits = make_splits(task, TrainConfig())
    assert sorted("".join(e.target) for e in splits.train) == ["x", "y", "z"]
    assert [("".join(e.source), e.target, e.others) for e in splits.new] == [
        ("ba", ("z",), (("w",),))]
    assert ["".join(e.source) for e in splits.longer] == ["long"]
    assert task.solutions(("a", "b")) == (("x",), ("z",))
    assert task.num_dropped == 0


def test_a_source_below_the_line_is_not_trained_on_whatever_is_above_it():
    task = get_task("pairs", "ab,x\ncd,y\nab,z\n----\nab,w\nba,z\n")
    splits = make_splits(task, TrainConfig())
    assert ["".join(e.source) for e in splits.train] == ["cd"]
    assert {"".join(e.source) for e in (*splits.new, *splits.longer)} == {"ab", "ba"}
    assert task.num_dropped == 2


def test_held_out_pairs_that_are_longer_than_those_trained_on_are_all_kept():
    below = "\n".join(f"x{'abcdefghij'[i // 10]}{'klmnopqrst'[i % 10]}{i:03},y"
                      for i in range(100)) + "\n" + "\n".join(f"z{i:05},y" for i in range(100))
    splits = make_splits(get_task("pairs", f"ab,x\ncd,y\n---\n{below}"), TrainConfig())
    assert len(splits.longer) == 200


@pytest.mark.parametrize("text", ["---\na,b", "a,b\n---\na,c\nd,e"])
def test_a_table_that_leaves_nothing_to_train_on_is_a_mistake(text):
    with pytest.raises(InputError, match="to train on"):
        get_task("pairs", text)


@pytest.mark.parametrize(("text", "expected"), [
    ("Meier, Anna;Anna Meier\nKurz, Jo;Jo Kurz", ("Meier, Anna", "Anna Meier")),
    ("a -> b\tc\nd\te -> f", ("a -> b", "c")),
    ('"say ""hi"""\tdis\nb\tc', ('say "hi"', "dis")),
    ('"Hi" he said\tb\nb\tc', ('"Hi" he said', "b")),
])
def test_the_separator_is_the_one_that_cuts_the_lines_in_two(text, expected):
    assert cells(text)[0] == expected


def test_pairs_that_are_held_out_do_not_decide_what_a_token_is():
    assert get_task("pairs", "ab,x\ncd,y\n---\na b,x z").tokenisations == (
        "characters", "characters")
