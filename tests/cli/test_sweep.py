"""`sweep`: one recipe with a few values of its settings."""

import csv
import io

from seq2seq import Experiment, ModelConfig, Recipe, TrainConfig
from seq2seq.cli.parser import main
from seq2seq.files.share_link import to_query

TRAIN = TrainConfig(num_epochs=1, num_examples=60, max_length=4, seed=77)
LINK = to_query(Recipe("reverse", ModelConfig(hidden_size=8), TRAIN))


def test_a_row_for_each_combination(capsys):
    assert main(["sweep", LINK, "--over", "hidden_size=8,12", "--over", "attention=none,dot"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [(row["hidden_size"], row["attention"]) for row in rows] == [
        ("8", "none"), ("8", "dot"), ("12", "none"), ("12", "dot")]
    same = Experiment("reverse", ModelConfig(hidden_size=12, attention="dot"), TRAIN)
    for _ in same.fit():
        pass
    assert rows[3]["memorised"] == f"{same.scores()['memorised']:.3f}"
    assert rows[3]["parameters"] == str(same.num_parameters)


def test_mistakes_get_a_sentence(capsys):
    for over, words in [("hidden_size", "Write a setting and its values"),
                        ("hidden_size=8", "at least two models"),
                        ("speed=1,2", "“speed” is not a setting")]:
        assert main(["sweep", LINK, "--over", over]) == 2
        assert words in capsys.readouterr().err
