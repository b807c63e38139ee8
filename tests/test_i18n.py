"""Translations: complete, with the same variables, and evaluated at run time."""

import pickle
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from seq2seq import translatable_texts
from seq2seq.cli.parser import main
from seq2seq.errors import InputError
from seq2seq.i18n import LazyText, _, current_language, decimal, languages, ngettext, use_language

ROOT = Path(__file__).parent.parent
OTHERS = [code for code in languages() if code != "en"]
GAP = re.compile(r"\{[^{}]*\}")


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """An empty folder of languages."""
    monkeypatch.setattr("seq2seq.translatable_texts.FOLDER", tmp_path)
    return tmp_path


def messages(language: str) -> list[tuple[str, str]]:
    """English and translation, of both forms where there are two."""
    with translatable_texts.path_of(language).open("rb") as file:
        found = read_po(file, locale=language)
    pairs = []
    for message in found:
        if isinstance(message.id, str):
            pairs.append((message.id, message.string))
        elif message.id:  # one and several: what stands for one may leave the number out
            pairs += [(message.id[1], string) for string in message.string[1:]]
    return [pair for pair in pairs if pair[0]]


def test_there_is_a_second_language():
    assert languages()["en"] == "English"
    assert languages()["de"] == "Deutsch"


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_is_translated_and_none_is_left_over(language):
    """If not: `python -m seq2seq texts de`, and translate what is new."""
    assert translatable_texts.missing(language) == []
    with translatable_texts.path_of(language).open("rb") as file:
        old = {m.id for m in read_po(file, locale=language) if m.id}
    assert old == {m.id for m in translatable_texts.catalogue(language) if m.id}


@pytest.mark.parametrize("language", OTHERS)
def test_translations_have_the_same_gaps(language):
    for english, other in messages(language):
        assert Counter(GAP.findall(other)) == Counter(GAP.findall(english)), english


@pytest.mark.parametrize("language", OTHERS)
def test_translations_have_the_same_marks(language):
    """Bold and code words, paragraphs, and no more markup than in English."""
    for english, other in messages(language):
        for mark in ("**", "`", "\n\n"):
            assert other.count(mark) == english.count(mark), english
        assert ("<" in other) == ("<" in english), english


def test_texts_are_found_where_they_stand():
    code = "_('one'), f'{_(\"two\")}', ngettext('{n} a', '{n} as', n), _(three), x('four')"
    assert list(translatable_texts.said_in(code)) == ["one", "two", ("{n} a", "{n} as")]
    found = {where: text for where, text in translatable_texts.in_code()}
    assert any(where.startswith("seq2seq/ui/") for where in found)
    known = {m.id for m in translatable_texts.catalogue()}
    for text in ("Train", "Reverse digits", "Hidden size", "The bottleneck"):
        assert text in known
    assert not any(re.search(r"[<>]|__|\bself\b(?!-)", str(text)) for text in known
                   if "->" not in str(text)), "no code and no markup is to be translated"


def test_a_text_remembers_what_it_was_made_of():
    text = LazyText("{n} of {all}", n=3, all=LazyText("five"))
    assert text == "3 of five"
    again = pickle.loads(pickle.dumps(text))
    assert (again, again.template, again.values) == (text, "{n} of {all}", text.values)
    problem = pickle.loads(pickle.dumps(InputError("{n} {{braces}}", n=1)))
    assert str(problem) == _(problem) == "1 {braces}"
    assert _(InputError("{not a gap}")) == "{not a gap}"


def test_it_is_said_in_the_language_that_is_spoken():
    german = {text: _(text) for text in ("Train",)}
    with use_language("de"):
        assert current_language() == "de"
        assert _("Train") == _(LazyText("Train")) != german["Train"]
        assert _(LazyText("{what}!", what=LazyText("Train"))) == f"{_('Train')}!"
        assert _("nobody has translated this") == "nobody has translated this"
        assert _("") == ""
        assert decimal(1234.5, ",.1f") == "1.234,5"
        assert _("{n:,.1f} and {text}", n=1234.5, text="1,234.5") == "1.234,5 and 1,234.5"
    assert current_language() == "en"
    assert _("Train") == "Train"
    assert decimal(1234.5, ",.1f") == "1,234.5"
    assert ngettext("{n} token", "{n} tokens", 2) == "2 tokens"


def test_nothing_is_said_before_a_language_is_known():
    """A text translated at import would always be English."""
    code = """
import importlib, pathlib, seq2seq.i18n as i18n
def early(*_, **__): raise AssertionError("said at import")
i18n._ = i18n.ngettext = i18n.decimal = early
for path in sorted(pathlib.Path("seq2seq").rglob("*.py")):
    if path.stem != "__main__":
        importlib.import_module(".".join(path.with_suffix("").parts).removesuffix(".__init__"))
"""
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_a_translation_is_begun_and_kept(folder, capsys):
    assert main(["texts", "fr"]) == 0
    path = folder / "fr.po"
    begun = path.read_text(encoding="utf-8")
    assert 'msgid "Train"\nmsgstr ""' in begun
    path.write_text(begun.replace('msgid "Train"\nmsgstr ""', 'msgid "Train"\nmsgstr "Entraîner"')
                    + '\nmsgid "said no longer"\nmsgstr "x"\n', encoding="utf-8")
    assert main(["texts", "fr"]) == 0
    now = path.read_text(encoding="utf-8")
    assert 'msgstr "Entraîner"' in now
    assert "said no longer" not in now
    first, second = re.findall(r"(\d+) of them untranslated", capsys.readouterr().out)
    assert int(second) == int(first) - 1


def test_a_language_that_nobody_knows_is_a_sentence(folder, capsys):
    assert main(["texts", "../x"]) == 2
    assert "There is no language “../x”" in capsys.readouterr().err
    assert list(folder.iterdir()) == []
