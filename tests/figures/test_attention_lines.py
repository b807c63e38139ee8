"""The attention lines: every weight that is not small has its line, and every word its text."""

from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
from conftest import SMALL, small_model

from seq2seq import Experiment
from seq2seq.figures.attention_lines import attention_lines, smallest_weight
from seq2seq.figures.style import percent_text

SVG = "{http://www.w3.org/2000/svg}"


def parsed(drawing: str) -> tuple[list[dict], list[ElementTree.Element]]:
    """The attributes of the lines, and the words."""
    root = ElementTree.fromstring(drawing)
    return ([line.attrib for line in root.iter(f"{SVG}line")],
            [g for g in root.iter(f"{SVG}g") if g.get("role") == "button"])


def test_a_line_for_each_weight_that_is_not_small(small_experiment):
    seen = small_experiment.insight(small_experiment.predict("4 2 7 1"))
    weights = seen.prediction.attention
    if weights is None:
        assert attention_lines(seen) == ""
        return
    lines, words = parsed(attention_lines(seen))
    found = {(int(a["data-write"]), int(a["data-read"])): a["data-share"] for a in lines}
    wanted = {(t, i): percent_text(float(weights[t, i])) for t, i in np.ndindex(weights.shape)
              if weights[t, i] >= smallest_weight(4)}
    assert found == wanted
    assert len(found) == len(lines)
    assert [int(word.get("data-go")) for word in words] == list(range(len(seen.moments)))


def drawn(weights, source: str = "4 2 7") -> tuple[list[dict], list[ElementTree.Element]]:
    """The drawing of these weights (T, S) over an answer with T tokens."""
    experiment = Experiment("reverse", small_model(attention="dot"), SMALL)
    p = experiment.predict(source)
    steps = tuple(replace(p.steps[0], token=token) for token in ("7", "2", "4", "<end token>"))
    seen = experiment.insight(replace(p, steps=steps[: len(weights)]))
    return parsed(attention_lines(seen, np.array(weights)))


def test_lines_join_their_words_and_grow_with_the_weight():
    lines, words = drawn([[.02, .08, .9], [0, 1, 0]])
    assert [(a["data-write"], a["data-read"]) for a in lines] == [("0", "1"), ("0", "2"),
                                                                  ("1", "1")]
    centres = {word.attrib["data-go"]: word[0].attrib["x"] for word in words}
    assert [(a["x1"], a["x2"]) for a in lines] == [
        (centres["1"], centres["3"]), (centres["2"], centres["3"]), (centres["1"], centres["4"])]
    for what in ("stroke-width", "stroke-opacity"):
        small, large, full = (float(a[what]) for a in lines)
        assert small < large < full


def test_each_word_says_its_weights():
    _, words = drawn([[.02, .08, .9], [0, 1, 0]])
    assert [word.attrib["aria-label"] for word in words] == [
        "input, token 1: 4. No output token attends to it.",
        "input, token 2: 2. Attention from: 7 (8 %), 2 (100 %).",
        "input, token 3: 7. Attention from: 7 (90 %).",
        "output, token 1: 7. Attention on: 7, position 3 (90 %), 2, position 2 (8 %).",
        "output, token 2: 2. Attention on: 2, position 2 (100 %)."]


def test_boxes_of_a_row_never_overlap_at_the_least_width():
    experiment = Experiment("pairs", small_model(attention="dot"), SMALL, "\n".join(
        f"a extraordinary-words 漢字 {i} -> b {i}" for i in range(12)))
    seen = experiment.insight(experiment.predict("a extraordinary-words 漢字 3"))
    drawing = ElementTree.fromstring(attention_lines(seen))
    least = float(drawing.attrib["style"].split("px")[0].removeprefix("min-width:"))
    _, words = parsed(attention_lines(seen))
    for row in ("data-read", "data-write"):
        end = 0.0
        for word in (w for w in words if row in w.attrib):
            centre = float(word[0].attrib["x"].rstrip("%")) * least / 100
            box = float(word[0][0].attrib["width"])
            assert centre - box / 2 >= end
            end = centre + box / 2
        assert end <= least


def test_tokens_are_escaped():
    table = "\n".join(f"<b>&amp; w{i} -> <i> v{i}" for i in range(12))
    experiment = Experiment("pairs", small_model(attention="dot"), SMALL, table)
    seen = experiment.insight(experiment.predict("<b>&amp; w3"))
    _, words = parsed(attention_lines(seen))
    source = seen.prediction.source
    assert "<" in "".join(source)
    assert "&" in "".join(source)
    assert [word[0][1].text for word in words[: len(source)]] == list(source)
    assert words[0].attrib["aria-label"].startswith(f"input, token 1: {source[0]}.")


def test_a_still_drawing_has_no_buttons():
    experiment = Experiment("reverse", small_model(attention="dot"), SMALL)
    seen = experiment.insight(experiment.predict("4 2 7"))
    still = ElementTree.fromstring(attention_lines(seen, is_still=True))
    moving = ElementTree.fromstring(attention_lines(seen))
    assert still.attrib["role"] == "img"
    assert [g.attrib for g in still.findall(f"{SVG}g")[1:]] == [{}] * len(seen.moments)
    assert [t.text for t in still.iter(f"{SVG}text")] == [t.text for t in moving.iter(f"{SVG}text")]


@pytest.mark.parametrize(("num_read", "smallest"), [(1, .05), (40, .05), (200, .01)])
def test_small_weights_are_relative_to_a_long_input(num_read, smallest):
    assert smallest_weight(num_read) == pytest.approx(smallest)
