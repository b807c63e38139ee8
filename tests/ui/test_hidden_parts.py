"""Parts that a link hides, and errors in such links."""

import re
from types import SimpleNamespace

from documents import GUIDES, text_of
from starlette.datastructures import QueryParams

from seq2seq.hosting.classes import class_name
from seq2seq.lessons import PLANS, get_lesson, lessons
from seq2seq.ui.sharing import teachers
from seq2seq.ui.sharing.hidden_parts import PARTS, TABS, head, hidden, shown_tab


def asked(query):
    return SimpleNamespace(query_params=QueryParams(query))


def test_names_are_read_however_they_are_written():
    assert hidden(None) == (set(), "")
    assert hidden(asked("task=reverse")) == (set(), "")
    assert hidden(asked("hide=")) == (set(), "")
    assert hidden(asked("hide=Inside,settings,,&hide=lessons")) == (
        {"inside", "settings", "lessons"}, "")


def test_a_part_that_is_none_is_named_with_all_that_are():
    parts, problem = hidden(asked("hide=inside,curtain"))
    assert parts == {"inside"}
    assert "“curtain”" in problem
    for name in PARTS:
        assert name in problem


def test_one_tab_has_to_stay():
    assert "all four tabs" in hidden(asked("hide=" + ",".join(TABS)))[1]
    assert hidden(asked("hide=" + ",".join(TABS[1:])))[1] == ""


def test_a_lesson_keeps_the_tabs_that_it_leads_to():
    assert "“Look inside”, which the link hides" in hidden(asked("lesson=4&hide=inside"))[1]
    assert "“Train”" in hidden(asked("lesson=bottleneck&hide=train"))[1]
    assert hidden(asked("lesson=bottleneck&hide=inside,settings,ready"))[1] == ""
    assert hidden(asked("lesson=no-such&hide=inside"))[1] == ""


def test_the_first_tab_that_is_left_is_shown():
    assert shown_tab("train", {"inside"}) == "train"
    assert shown_tab("train", {"train", "sequence"}) == "answers"
    assert shown_tab("sequence", set(TABS)) == "sequence"


def test_every_part_has_its_rule_in_the_head():
    text = head()
    for name, part in PARTS.items():
        assert f"html[data-hide~={name}] :is({', '.join(part.where)})" in text
    assert "display: none !important" in text


def test_the_plans_link_to_the_lessons_they_speak_of():
    links = re.findall(r'<li><b>([^<]+)</b>(.*?)</li>', teachers.plans())
    assert [time for time, _ in links] == list(PLANS)
    for (_, text), numbers in zip(links, PLANS.values(), strict=True):
        found = re.findall(r'data-lesson="([\w-]+)" href="\?lesson=([\w-]+)"', text)
        assert found == [(get_lesson(str(n)).name,) * 2 for n in numbers]
    assert [query for query, _ in teachers.choices()] == [
        "", *(f"?lesson={one.name}" for one in lessons())]
    for mark in ("<!-- parts -->", "<!-- before -->", "<!-- pace -->", "<!-- plans -->", "[["):
        assert mark not in teachers.template()


def test_the_links_and_parts_of_the_guide_are_the_ones_that_work():
    guide = text_of(GUIDES / "teaching.md")
    queries = [QueryParams(query) for query in re.findall(r"`(?:/de/)?\?([^`]+)`", guide)]
    asked = {query["lesson"] for query in queries if "lesson" in query}
    assert asked == {one.name for one in lessons()}
    for query in queries:
        assert hidden(SimpleNamespace(query_params=query))[1] == ""
        assert class_name(query.get("class", "any"))
    for name in PARTS:
        assert f"`{name}`" in guide, name
    plans = re.search(r"^\| time .*\n\| ---.*\n((?:\| .*\n)+)", guide, re.M)[1].splitlines()
    for row, (time, numbers) in zip(plans, PLANS.items(), strict=True):
        assert row.startswith(f"| {time} |")
        assert "all eight" in row or re.findall(r"\b(\d)\b", row.split("|")[2]) == [
            str(n) for n in numbers]
