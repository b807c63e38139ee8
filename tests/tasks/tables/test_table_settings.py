"""Settings in the first lines of a table, and what they change."""

import json

import pytest

from seq2seq import Experiment, ModelConfig, Recipe, TrainConfig
from seq2seq.data.splits import make_batch, make_splits, unknown_shares
from seq2seq.data.vocabulary import EOS, UNK
from seq2seq.errors import InputError
from seq2seq.evaluation.metrics import held_out_loss
from seq2seq.recipe import OLDER
from seq2seq.tasks import get_task
from seq2seq.tasks.tables.parsing import parse_table
from seq2seq.tasks.tables.report import report
from seq2seq.tasks.tables.settings import TableSettings, read_settings, with_settings

SIX = "\n".join(f"{a}{b}{c} -> {c}{b}{a}" for a in "abcdef" for b in "ghijkl" for c in "mnopqrst")


def test_one_blank_makes_no_side_words():
    task = get_task("pairs", f"{SIX}\nab cd -> dc ba")
    assert task.tokenisations == ("characters", "characters")
    assert task.examples[0].source == ("a", "g", "m")
    assert task.parse("ab  cd") == ("a", "b", " ", "c", "d")
    assert task.format(task.parse("eau de vie")) == "eau de vie"  # the blanks stay
    assert task.solve(task.parse("ab cd")) == tuple("dc ba")


def test_each_side_can_be_split_as_one_likes():
    table = "#source-tokens: words\n#target-tokens: characters\n#lower-case: yes\nGo, Anna! -> Va !"
    task = get_task("pairs", table)
    assert task.examples[0].source == ("go", ",", "anna", "!")
    assert task.examples[0].target == ("v", "a", " ", "!")
    assert task.format_target(("v", "a")) == "va"
    assert task.parse("GO, ANNA!") == task.examples[0].source


def test_normal_forms_make_equal_what_looks_equal():
    both = "caf\u00e9 -> 1\ncafe\u0301 -> 2"
    assert len({e.source for e in get_task("pairs", both).examples}) == 2
    assert len({e.source for e in get_task("pairs", f"#normalise: NFC\n{both}").examples}) == 1


def test_a_file_of_tatoeba_is_read_as_it_is():
    """English, French and the authors: it was refused in three ways."""
    lines = "Go.\tVa !\tCC-BY 2.0 (France) Attribution: tatoeba.org #1 (CM)\nHi.\tSalut.\tCC-BY 2.0"
    assert [row.cells for row in parse_table(lines).rows] == [("Go.", "Va !"), ("Hi.", "Salut.")]


def test_columns_can_be_named():
    lines = "#columns: ignore target source\n1\thund\tdog\n2\tkatze\tcat"
    assert [row.cells for row in parse_table(lines).rows] == [("dog", "hund"), ("cat", "katze")]
    with pytest.raises(InputError, match="#columns: source target ignore"):
        parse_table("a\tb\tc\nd\te\tf")


def test_an_export_of_anki_is_read_as_it_is():
    lines = "#separator:tab\n#html:true\n#deck column:3\ndog\tHund\ncat\tKatze"
    assert [row.cells for row in parse_table(lines).rows] == [("dog", "Hund"), ("cat", "Katze")]


def test_a_source_may_begin_like_a_setting():
    table = parse_table("#one: two -> x\ny -> z")
    assert [row.cells[0] for row in table.rows] == ["#one: two", "y"]


@pytest.mark.parametrize(("line", "words"), [
    ("#source-tokens: letters", "Write one of: characters, words, spaces, subwords"),
    ("#separator: |", "Write one of: tab, comma, semicolon, arrow"),
    ("#columns: source ignore", "one column as source and one as target"),
    ("#min-count: 0", "a whole number, 1 or more"),
])
def test_a_wrong_setting_is_a_sentence_with_its_line(line, words):
    with pytest.raises(InputError, match=f"^Line 2: .*{words}"):
        parse_table(f"#normalise: NFC\n{line}\na -> b")


def test_settings_are_written_as_they_are_read():
    settings = TableSettings("\t", ("source", "ignore", "target"), "words", "spaces", True, "NFKC",
                             3)
    lines = settings.as_lines().splitlines()
    assert read_settings([*lines, "a\tx\tb"]) == (settings, len(lines))
    text = with_settings("a -> b\nc -> d", source_tokens="words")
    assert text == "#source-tokens: words\na -> b\nc -> d"
    assert with_settings(text, source_tokens="") == "a -> b\nc -> d"


def test_rare_tokens_are_read_as_unknown_in_training():
    rows = "\n".join(f"a b{'c' if i == 0 else ''} x{i % 7} x{i % 5} -> b a" for i in range(30))
    splits = make_splits(get_task("pairs", f"#min-count: 2\n{rows}"), TrainConfig())
    assert "bc" not in splits.source_vocabulary
    assert "x1" in splits.source_vocabulary
    assert any(UNK in splits.source_vocabulary.encode(e.source) for e in splits.train)


def held_out_with(last: str) -> str:
    lines = [f"{a} {b} -> {b} {a}" for a in "abcde" for b in "fghij"]
    return "\n".join([*lines, "---", "a c -> c a", last])


def test_tokens_that_no_model_could_write_do_not_count_in_the_loss():
    """Their 18 nats each once were most of the held-out loss."""
    known, unknown = (Experiment("pairs", ModelConfig(hidden_size=8), TrainConfig(num_epochs=1),
                                 held_out_with(line)) for line in ("a d -> d a", "a d -> d zz"))
    assert unknown_shares(known.splits) == {"source": 0, "target": 0}
    assert unknown_shares(unknown.splits) == {"source": 0, "target": 0.25}
    last = unknown.splits.new[-1:]
    batch = make_batch(last, unknown.splits)
    assert batch.target_ids.tolist()[0][1:] == [UNK, EOS]
    unknown.model.eval()
    log_probs = unknown.model(batch.source, batch.source_lengths, batch.target_ids)[0]
    expected = -(log_probs[0, batch.target_ids[0, 0]] + log_probs[2, EOS]) / 2
    assert held_out_loss(unknown.model, unknown.splits, last) == pytest.approx(expected.item())


def test_a_recipe_of_version_0_4_keeps_its_tokens():
    table = f"{SIX}\nab cd -> dc ba"
    data = json.loads(Recipe("pairs", pairs=table).to_json())
    old = Recipe.from_json(json.dumps({**data, "format": OLDER}))
    assert old.make_task().tokenisations == ("spaces", "spaces")
    assert Recipe.from_json(json.dumps(data)).make_task().tokenisations == (
        "characters", "characters")
    plain = json.loads(Recipe("pairs", pairs=SIX).to_json())
    assert Recipe.from_json(json.dumps({**plain, "format": OLDER})).pairs == SIX  # no difference


def test_what_was_read_is_told():
    table = "Go on. -> Va !\nGo on. -> Pars !\nHi you. -> Salut !"
    assert list(map(str, report(get_task("pairs", table)))) == [
        "3 pairs with 2 different sources. Between the two sides: the arrow ->.",
        "Sources with several targets: 1. Each of their targets counts as correct.",
        "Source tokens are words and punctuation marks: 5 different ones, 3 to 3 in a sequence.",
        "Target tokens are the parts between spaces: 4 different ones, 2 to 2 in a sequence."]


FORTY = "\n".join(f"{a}{b} -> {b}{a}" for a in "abcde" for b in "fghijklm")


def test_what_can_be_left_out_is_counted_and_not_refused():
    task = get_task("pairs", f"{FORTY}\nno arrow\n{'x' * 121} -> y\nlast -> tsal")
    assert len(task.examples) == 41
    assert [skipped.line for skipped in task.skipped] == [41, 42]
    assert list(map(str, report(task)))[1:4] == [
        "Lines left out: 2.",
        "1 with no separator between two sides (line 41); the first is “no arrow”.",
        f"1 with too many tokens (line 42); the first is “{'x' * 39}…”."]
    assert len(get_task("pairs", "a -> b\nno arrow\nc -> d").examples) == 2


def test_an_empty_last_column_is_no_column():
    assert [row.cells for row in parse_table("dog;Hund;;\ncat;Katze;;").rows] == [
        ("dog", "Hund"), ("cat", "Katze")]


def test_commands_as_scan_publishes_them():
    lines = "IN: jump twice OUT: I_JUMP I_JUMP\nIN: walk OUT: I_WALK"
    assert [row.cells for row in parse_table(lines).rows] == [
        ("jump twice", "I_JUMP I_JUMP"), ("walk", "I_WALK")]


def test_scored_examples_are_spread_over_a_sorted_file():
    rows = [f"{i:04d} -> {i % 7}" for i in range(1000)]
    task = get_task("pairs", "\n".join([*(f"x{i:03d} -> y" for i in range(30)), "---", *rows]))
    scored = make_splits(task, TrainConfig()).sets["new"]
    assert len(scored) == 200
    assert "".join(scored[-1].source) > "0990"


def test_rare_tokens_need_no_place_in_the_vocabulary():
    rows = "#source-tokens: words\n" + "\n".join(f"w{i} a b -> a" for i in range(2500))
    task = get_task("pairs", rows)
    assert task.min_counts == (2, 1)
    assert "Source tokens that occur fewer than 2 times in training are read as “unknown”." in map(
        str, report(task))
    assert len(make_splits(task, TrainConfig()).source_vocabulary) < 10
    with pytest.raises(InputError, match="No token of the target side occurs 2 times or more"):
        get_task("pairs", "#target-tokens: words\n" + "\n".join(
            f"a -> w{i} w{i}x" for i in range(1001)))


def test_a_held_out_line_that_is_left_out_holds_its_source_out_too():
    long = " ".join(["x"] * 121)
    held_out = [f"h{i} -> y {i}" for i in range(20)]
    task = get_task("pairs", "\n".join(
        ["#target-tokens: spaces", FORTY, "mine -> short", "---", *held_out, f"mine -> {long}"]))
    assert len(task.skipped) == 1
    splits = make_splits(task, TrainConfig())
    assert tuple("mine") not in {e.source for e in splits.train}
    assert task.num_dropped == 1
