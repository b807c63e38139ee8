"""English: which word a form belongs to."""

from functools import lru_cache

from seq2seq.tasks.translation import english
from seq2seq.tasks.translation.lexicon import NOUNS, VERBS


@lru_cache
def nouns() -> dict[str, tuple[str, bool]]:
    """Form -> noun, and whether it is the plural."""
    found = {key: (key, False) for key in NOUNS}
    return found | {english.plural(n): (key, True) for key, n in NOUNS.items() if n.has_plural}


@lru_cache
def verbs() -> dict[tuple[str, str], list[str]]:
    """Form and its kind (base, he, past, ing) -> verbs."""
    found: dict[tuple[str, str], list[str]] = {}
    for key, verb in VERBS.items():
        if verb.frame not in ("be", "modal"):
            for kind, form in (("base", verb.base), ("he", english.third_person(verb)),
                               ("past", verb.past), ("ing", english.with_ing(verb))):
                if form:
                    found.setdefault((kind, form), []).append(key)
    return found
