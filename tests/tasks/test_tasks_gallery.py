"""The symbolic tasks: inputs, answers, held-out sets."""

import datetime
import random
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seq2seq import TrainConfig
from seq2seq.data.splits import make_splits
from seq2seq.errors import InputError
from seq2seq.tasks import MAX_TOKENS, TASKS, get_task
from seq2seq.tasks.dates import FOREIGN, KNOWN, format_day, months, parse_date
from seq2seq.tasks.number_words import ENGLISH, FRENCH, GERMAN, MAX_NUMBER
from seq2seq.tasks.sampling import draw_fresh

NAMES = ["addition", "addition-backwards", "translation-en-fr", "translation-en-de",
         "translation-en-fr-combinations", "translation-en-de-frames",
         "numbers-en-fr", "numbers-fr-en", "numbers-en-de", "numbers-de-en",
         "dates", "weather", "stories", "stories-objects", "scan", "scan-length", "scan-jump",
         "reverse-numbers"]
GALLERY = [get_task(name) for name in NAMES]
each_task = pytest.mark.parametrize("task", GALLERY, ids=lambda task: task.name)


@each_task
def test_its_texts_are_complete(task):
    assert task.family in {"First steps", "Arithmetic", "Translation", "Summary", "Questions",
                           "Where models fail"}
    assert 3 <= len(task.more_examples) <= 5
    for text in (task.summary, task.teaches):
        assert text.endswith(".")
    for text in (task.example, *task.more_examples):
        assert task.solve(task.parse(text))


@each_task
def test_samples_can_be_typed_and_answers_stay_in_the_vocabulary(task):
    rng = random.Random(5)
    low, high = task.train.min_length, task.train.max_length + task.longer_by
    for _ in range(300):
        length = rng.randint(low, high)
        source = task.sample(rng, length)
        target = task.solve(source)
        assert task.parse(task.format(source)) == source
        assert set(source) <= set(task.alphabet)
        assert target
        assert set(target) <= set(task.target_alphabet or task.alphabet)
        assert task.format_target(target)
        if not task.name.startswith("scan"):
            assert task.size(source) == (1 if task.name == "dates" else length)


@each_task
def test_what_is_far_too_large_can_still_be_read(task):
    rng = random.Random(6)
    for length in (30, 35):
        assert len(task.sample(rng, length)) <= MAX_TOKENS


@each_task
@pytest.mark.parametrize("text", ["", "  ", "3 ? 1", "ξ", "where", "+", "1+", "jump ?", "mon", "-",
                                  "x " * 500, "2026/03/07", None, ["3"], "<b>hello</b>"])
def test_bad_input_gets_a_sentence_or_no_answer(task, text):
    try:
        tokens = task.parse(text)
    except InputError as problem:
        sentence = str(problem)
        assert 20 < len(sentence) < 400
        assert sentence.endswith((".", "”", task.example))
        assert "<" not in sentence
    else:
        assert task.solve(tokens) is None


@given(st.text(max_size=100) | st.text("0123456789+-., mondaysunrctwhelvi?'", max_size=100))
def test_any_text_is_read_or_refused(text):
    for task in GALLERY:
        with suppress(InputError):
            tokens = task.parse(text)
            assert 1 <= len(tokens) <= MAX_TOKENS
            task.solve(tokens)
            task.size(tokens)
            task.key(tokens)


@each_task
def test_any_tokens_have_an_answer_or_none(task):
    """Editing single tokens on the page can give a source that is no sentence."""
    rng = random.Random(7)
    for _ in range(300):
        tokens = tuple(rng.choices(task.alphabet, k=rng.randint(1, 12)))
        target = task.solve(tokens)
        assert target is None or set(target) <= set(task.target_alphabet or task.alphabet)
        task.format(tokens)
        answers = rng.choices(task.target_alphabet or task.alphabet, k=7)
        assert isinstance(task.format_target(tuple(answers)), str)


@pytest.mark.parametrize(("name", "text", "answer"), [
    ("addition", "535+61", "596"),
    ("addition", " 999 + 1 ", "1000"),
    ("addition", "007+0", "7"),
    ("addition-backwards", "535+61", "695"),
    ("addition-backwards", "5+5", "01"),
    ("numbers-en-fr", "three hundred and forty-two", "trois cent quarante-deux"),
    ("numbers-en-fr", "Three Hundred Forty Two", "trois cent quarante-deux"),
    ("numbers-en-fr", "342", "trois cent quarante-deux"),
    ("numbers-en-fr", "eighty", "quatre-vingts"),
    ("numbers-en-fr", "eighty-one", "quatre-vingt-un"),
    ("numbers-en-fr", "seventy-one", "soixante et onze"),
    ("numbers-en-fr", "zero", "zéro"),
    ("numbers-en-fr", "one thousand, two hundred", "mille deux cents"),
    ("numbers-en-fr", "80,000", "quatre-vingt mille"),
    ("numbers-fr-en", "mille", "one thousand"),
    ("numbers-fr-en", "quatre-vingt-dix-neuf", "ninety-nine"),
    ("numbers-fr-en", "deux cent mille un", "two hundred thousand and one"),
    ("numbers-en-de", "three hundred and forty-two", "dreihundertzweiundvierzig"),
    ("numbers-de-en", "eintausendeinundzwanzig", "one thousand and twenty-one"),
    ("numbers-de-en", "sechzehn", "sixteen"),
    ("dates", "samedi 7 mars 2026", "2026-03-07"),
    ("dates", "Saturday, March 7, 2026", "2026-03-07"),
    ("dates", "7th of March 2026", "2026-03-07"),
    ("dates", "1er avril 1999", "1999-04-01"),
    ("dates", "07.03.2026", "2026-03-07"),
    ("dates", "2026-03-07", "2026-03-07"),
    ("dates", "29. Februar 2024", "2024-02-29"),
    ("dates", "31 de diciembre de 1999", "1999-12-31"),
    ("dates", "Sept. 1, 1950", "1950-09-01"),
    ("dates", "segunda-feira, 2 de março de 2026", "2026-03-02"),
    ("weather", "mon rainy 12, tue sunny 15, wed rainy 9",
     "Mostly rainy, coldest on Wednesday (9°), warmest on Tuesday (15°)"),
    ("weather", "Saturday: sun, −3 °C. Sunday: clouds, 4 °C",
     "Mixed weather, coldest on Saturday (-3°), warmest on Sunday (4°)"),
    ("weather", "sat 5 sun, sun 5 sun", "Mostly sunny, coldest on Saturday (5°), "
                                        "warmest on Saturday (5°)"),
    ("stories", "Mary went to the kitchen. John ran to the garden. Where is Mary?", "kitchen"),
    ("stories", "mary went to the kitchen . mary ran to the office . where is mary ?", "office"),
    ("stories-objects", "mary took the apple. mary went to the office. where is the apple?",
     "office"),
    ("stories-objects", "mary went to the office. mary took the apple. mary dropped the apple. "
                        "mary went to the garden. where is the apple?", "office"),
    ("stories-objects", "mary took the apple. john went to the hallway. john took the apple. "
                        "mary went to the garden. where is the apple?", "hallway"),
    ("stories-objects", "tom ran to the bedroom. where is tom?", "bedroom"),
    ("reverse-numbers", "1 2 49", "49 2 1"),
])
def test_answers(name, text, answer):
    task = get_task(name)
    assert task.format_target(task.solve(task.parse(text))) == answer


@pytest.mark.parametrize(("name", "text"), [
    ("numbers-en-fr", "two two"), ("numbers-en-fr", "hundred"), ("numbers-fr-en", "un mille"),
    ("numbers-de-en", "zwei zwei"), ("dates", "30 february 2024"), ("dates", "hello"),
    ("dates", "7 march 26"), ("dates", "7 march april 2026"), ("dates", "32.01.2026"),
    ("stories", "mary went to the kitchen . where is john ?"),
    ("stories-objects", "mary took the apple . where is the apple ?"),
])
def test_where_nobody_knows_the_answer(name, text):
    task = get_task(name)
    assert task.solve(task.parse(text)) is None


@pytest.mark.parametrize(("name", "text", "words"), [
    ("addition", "12", "plus sign between"), ("addition", "1+2+3", "plus sign between"),
    ("addition", "5-3", "plus sign between"), ("addition", "1" * 50 + "+1", "has 50 digits"),
    ("numbers-en-fr", "banana", "“banana” is not a number word in English"),
    ("numbers-fr-en", "three", "“three” is not a number word in French"),
    ("numbers-en-fr", "1000000", "largest allowed is 999,999"),
    ("dates", "3/7/2026", "ambiguous"), ("dates", "Суббота", "is not in this task"),
    ("weather", "mon rainy", "temperature is missing for Monday"),
    ("weather", "mon 5", "sky is missing for Monday"),
    ("weather", "12 rainy", "comes before the first day"),
    ("weather", "mon rainy 99", "from -9 to 39"),
    ("weather", "mon rainy sunny 3", "two entries of"), ("weather", "mon foggy 3", "“foggy”"),
    ("weather", "mon rainy 3, " * 41, "at most 40"),
    ("stories", "bob went to the kitchen . where is bob ?", "“bob” is not in"),
    ("stories", "mary went to the kitchen .", "no question"),
    ("stories", "where is mary ?", "no sentence"),
    ("stories", "mary to the kitchen . where is mary ?", "Sentence 1"),
    ("stories", "mary went to the kitchen . mary is where ?", "The question is"),
    ("stories", "mary took the apple . where is mary ?", "“took” is not in"),
    ("stories", "mary went to the kitchen . " * 30 + "where is mary ?", "at most"),
    ("scan", "hop twice", "“hop” is not in this task"),
])
def test_the_sentence_names_what_is_wrong(name, text, words):
    with pytest.raises(InputError, match=words):
        get_task(name).parse(text)


@pytest.mark.parametrize("language", [ENGLISH, FRENCH, GERMAN], ids=lambda one: one.name)
def test_every_number_is_understood_as_it_is_written(language):
    rng = random.Random(1)
    known = set(language.tokens)
    for number in [*range(1200), *rng.sample(range(MAX_NUMBER + 1), 800), MAX_NUMBER]:
        tokens = language.cut(language.words(number))
        assert set(tokens) <= known
        assert language.join(tokens) == language.words(number)
        assert language.number(language.join(tokens)) == number
    assert known == {token for n in range(10_000) for token in language.cut(language.words(n))}


@pytest.mark.parametrize("language", [*KNOWN, *FOREIGN])
def test_every_day_is_understood_as_it_is_written(language):
    rng, task = random.Random(2), get_task("dates")
    for month in range(1, 13):
        for how in ("full", "long", "medium", "dd.MM.y", "y-MM-dd"):
            day = datetime.date(rng.randint(1950, 2049), month, rng.randint(1, 28))
            text = "".join(format_day(day, how, language))
            assert "".join(task.parse(text)) == text
            assert parse_date(text) == day


def test_no_name_means_two_months():
    from babel import Locale

    for language in (*KNOWN, *FOREIGN):
        for kind in ("wide", "abbreviated"):
            for number, name in Locale.parse(language).months["format"][kind].items():
                assert months()[name.lower().strip(".")] == number


def test_a_day_that_is_held_out_is_held_out_in_every_language():
    task = get_task("dates")
    splits = make_splits(task, replace(task.train, num_examples=40_000))
    days = [{parse_date("".join(e.source)) for e in part} for part in
            (splits.train, splits.new, splits.longer)]
    assert None not in days[0] | days[1] | days[2]
    assert not days[0] & days[1]
    assert not days[0] & days[2]
    assert all(task.in_longer_set(e.source, splits.trained_on) for e in splits.longer)


@pytest.mark.parametrize("fresh", [False, True])
def test_sums_are_held_out_in_both_orders(fresh):
    task = get_task("addition")
    config = replace(task.train, num_examples=3_000, max_length=2, num_epochs=3, fresh=fresh)
    splits = make_splits(task, config)
    held_out = {tuple("".join(e.source).split("+")) for e in splits.new}
    met = {tuple("".join(source).split("+")) for source in splits.trained_on}
    assert len(held_out) > 200
    assert not met & {pair[::-1] for pair in held_out}
    assert not met & held_out


@each_task
def test_fresh_examples_never_are_what_is_held_out(task):
    config = replace(task.train, num_examples=200, fresh=True, num_epochs=4)
    splits = make_splits(task, config)
    for epoch in (1, 4):
        drawn = draw_fresh(task, config, epoch, 200, splits.held_out)
        assert drawn
        assert not {task.key(source) for source in drawn} & splits.held_out


def test_larger_numbers_are_larger_whatever_is_asked_for():
    task = get_task("numbers-en-fr")
    splits = make_splits(task, TrainConfig(num_examples=50, max_length=30))
    assert min(task.size(e.source) for e in splits.longer) > max(
        task.size(e.source) for e in splits.train)


def test_short_stories_with_things_are_often_about_people_alone():
    task, rng = get_task("stories-objects"), random.Random(5)

    def share(length):  # of stories in which more than one place could be the answer
        found = [task.sample(rng, length) for _ in range(500)]
        return sum(len(set(task.target_alphabet).intersection(story)) > 1 for story in found) / 500

    assert share(2) > 0.4
    assert share(3) > 0.6
    assert not any("took" not in task.sample(rng, 8) for _ in range(100))


def test_every_task_is_tested():
    others = {"reverse", "reverse-letters", "copy", "copy-letters", "sort", "sort-letters",
              "notebook", "pairs"}
    families = {"Speech", "Real words"}  # have tests of their own
    assert others | set(NAMES) >= {t.name for t in TASKS if t.family not in families}


@pytest.mark.parametrize("task", [t for t in TASKS if not t.needs_pairs], ids=lambda t: t.name)
def test_the_right_answer_to_every_offered_example_is_known(task):
    invented = {"blorptastic"}  # and the task says so
    for text in (task.example, *task.more_examples):
        known = task.solve(task.parse(text)) is not None
        assert known != (text in invented), text
    assert all(word in task.teaches.lower() for word in invented.intersection(task.more_examples))
