"""The rules of what is left out of training, as text."""

import pytest

from seq2seq import TrainConfig
from seq2seq.errors import ConfigError
from seq2seq.leave_out import MAX_CHARACTERS, Rule, plain, read_rules


@pytest.mark.parametrize(("text", "rules"), [
    ("", []), ("  ", []), ("token:7", ["token:7"]), (" length: 05 ;", ["length:5"]),
    ("token:7;input: 3 1  4; keep:7", ["token:7", "input:3 1 4", "keep:7"]),
    ("token:;", ["token:;"]), ("token:;; length:2", ["token:;", "length:2"]),
    ("token::", ["token::"]), ("input:a; b: c", ["input:a; b: c"])])
def test_rules_are_read(text, rules):
    assert read_rules(text) == tuple(Rule(*rule.split(":", 1)) for rule in rules)
    assert plain(plain(text)) == plain(text) == "; ".join(rules)


@pytest.mark.parametrize(("text", "sentence"), [
    ("7", "“7”: write token:, length:, input: or keep: and a value"),
    ("tokens:7", "“tokens:7”: write token:"), ("token:", "“token:”: write token:"),
    ("length:five", "a length is a whole number"), ("length:-1", "a length is a whole number"),
    ("keep:1", "“keep:” needs another rule"),
    ("token:" + "x" * MAX_CHARACTERS, "at most 300 characters are allowed"),
    (7, "7: it must be text"), (None, "it must be text")])
def test_what_cannot_be_read_is_told(text, sentence):
    with pytest.raises(ConfigError, match=f"Left out of training is .*{sentence}"):
        TrainConfig(leave_out=text)
