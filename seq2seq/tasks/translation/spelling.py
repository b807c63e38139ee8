"""How people write: from typed text to words, and from tokens to text with capitals and stops."""

import re

from seq2seq.tasks.sampling import Tokens
from seq2seq.tasks.translation.lexicon import NAMES

CAPITALISED = {"i": "I", "french": "French", "german": "German",
               **{name: name.capitalize() for name in NAMES}}
SHORT = {"can't": "can not", "cannot": "can not", "won't": "will not", "i'm": "i am"}
ENDINGS = {"n't": "not", "'s": "is", "'re": "are"}
SAME = {"which": "that", "whom": "that", "little": "small", "gray": "grey", "bike": "bicycle",
        "mum": "mother", "dad": "father", "kid": "child", "kids": "children"}


def english_words(text: str) -> Tokens:
    """The words of a typed sentence, in small letters, without full stops and contractions."""
    text = re.sub(r"[’‘`´]", "'", text.lower())
    text = re.sub(r"[,;:!.\"“”„«»()\[\]]", " ", text).replace("?", " ? ")
    words: list[str] = []
    for word in text.split():
        if word in SHORT:
            words += SHORT[word].split()
            continue
        for ending, meaning in ENDINGS.items():
            if word.endswith(ending) and len(word) > len(ending):
                words += [word.removesuffix(ending), meaning]
                break
        else:
            words.append(SAME.get(word, word))
    return tuple(words)


def english_text(tokens: Tokens) -> str:
    """A source as people write it: capital letters, "cannot", and a full stop."""
    text = " ".join(CAPITALISED.get(token, token) for token in tokens)
    return _closed(text.replace("can not", "cannot"), " ?", "?")


def french_text(tokens: Tokens) -> str:
    """A French answer as people write it: "Elle l'aime.", and a blank in front of "?"."""
    return _closed(" ".join(tokens).replace("' ", "'"), " ?", " ?")


def german_text(tokens: Tokens) -> str:
    """A German answer as people write it."""
    return _closed(" ".join(tokens), " ?", "?")


def _closed(text: str, mark: str, question: str) -> str:
    text = text.replace(" ,", ",")
    text = text.removesuffix(mark) + question if text.endswith(mark) else text + "."
    first = text[0].upper()
    return (first if first.lower() == text[0] else text[0]) + text[1:]  # "ß" has no capital


def answer_tokens(text: str, known: frozenset[str]) -> Tokens:
    """The tokens of a French or German text; capital letters only where a word has them."""
    found = re.findall(r"aujourd'hui|[^\s',.?!]+'?|[,?]", text.replace("’", "'"),
                       flags=re.IGNORECASE)
    return tuple(token.lower() if (i == 0 and token.lower() in known) or token not in known
                 else token for i, token in enumerate(found))
