"""Parsed tables are kept, but not more than fit into memory."""

from seq2seq.tasks.tables.cache import TableCache


def test_it_forgets_the_least_recently_used_beyond_its_size():
    cache, parsed = TableCache(3, 100), []

    def get(text: str, how: int = 0) -> str:
        return cache.get(text, how, lambda: parsed.append(text[0]) or text)

    for text in ("a" * 40, "b" * 40, "a" * 40, "c" * 40):  # "b" is forgotten
        assert get(text) == text
    get("a" * 40)
    get("b" * 40)  # "c" is forgotten
    assert parsed == ["a", "b", "c", "b"]
    get("d" * 1000)  # larger than all: it is kept, alone
    get("d" * 1000)
    get("a" * 40)
    assert parsed[4:] == ["d", "a"]
    for text in "efgh":
        get(text)
    assert len(cache._tables) == 3
    get("h", how=1)
    assert parsed[-1] == "h"
