"""All tasks in Chromium: inputs, pre-trained models, invalid tables, a narrow screen."""

import re

import pytest
from playwright.sync_api import Page, expect
from test_browser import choose, tab, wait_for_status

from seq2seq import TASKS
from seq2seq.inspection.trace import name
from seq2seq.tasks import Task, get_task

pytestmark = pytest.mark.browser
expect.set_options(timeout=30_000)  # ms; on an idle machine it is never needed
# Speech and text. `test_ready_models` asks one of each family, without a browser.
READY = [get_task(name) for name in ("spoken-digits", "dates")]


def open_task(page: Page, task: Task) -> None:
    """Choose the task by its family and, where it is not the family's first, by its title."""
    tab(page, "Sequence")
    if not page.get_by_role("radio", name=task.title, exact=True).is_visible():
        choose(page, task.family)
    choose(page, task.title)
    box = page.get_by_label("Your sequence")
    expect(box).to_have_value(task.example)
    expect(page.locator(".about")).to_contain_text(task.stands_for.rstrip("."))


def tokens(page: Page, row: str) -> list[str]:
    line = page.locator(".board:visible > div").filter(has=page.locator("dt", has_text=row))
    return line.locator("ol.tokens > li").all_text_contents()


def test_every_task_shows_its_input_and_its_target_and_is_no_wider_than_a_phone(same_page):
    page = same_page
    page.set_viewport_size({"width": 390, "height": 844})
    families = page.get_by_role("group", name="What should it learn?")
    expect(families.get_by_role("radio")).to_have_count(len({t.family for t in TASKS}))
    for task in TASKS:
        open_task(page, task)
        source = task.parse(task.example)
        page.wait_for_function(
            "n => document.querySelectorAll('.board ol.enc > li').length === n", arg=len(source))
        assert tokens(page, "Input") == list(map(name, source)), task.name
        expected = task.solve(source)
        if expected is not None:
            assert tokens(page, "Target") == list(map(name, expected)), task.name
        titles = page.get_by_role("group", name="Task", exact=True).locator("label:visible")
        assert titles.all_inner_texts() == [t.title for t in TASKS if t.family == task.family]
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 390, f"{task.name} is {width} pixels wide"


@pytest.mark.parametrize("task", READY, ids=lambda task: task.name)
def test_a_ready_model_answers_on_every_tab(page, task):
    open_task(page, task)
    page.get_by_role("button", name="Open the pre-trained model").click()
    expect(page.locator(".board").first).to_contain_text("The pre-trained model's answer")
    tab(page, "Train")
    wait_for_status(page, "done")
    expect(page.get_by_role("status").filter(has_text="Pre-trained (")).to_be_visible()
    expect(page.locator(".runs label")).to_have_count(1)
    tab(page, "Side by side")
    table = page.locator("table.answers")
    expect(table.get_by_role("row").nth(5)).to_be_visible()
    expect(page.locator(".score[data-score=longer] h3:visible")).to_have_text(task.longer)
    details = page.locator("details.n-best")
    if details.get_attribute("open") is None:
        details.locator("summary").click()
    expect(details.get_by_role("row").nth(3)).to_be_visible()
    tab(page, "Look inside")
    page.wait_for_function("document.querySelector('.inside').dataset.drawn > 0")
    expect(page.locator(".inside .say")).to_contain_text("It writes")


def test_an_example_is_a_click_and_the_arrow_keys_choose_a_family(same_page):
    page = same_page
    task = next(t for t in TASKS if t.name == "addition")
    open_task(page, task)
    page.get_by_role("group", name="Examples to click").get_by_role(
        "button", name="999+1", exact=True).click()
    expect(page.get_by_label("Your sequence")).to_have_value("999+1")
    target = page.locator(".board ol[aria-label=target] > li")
    expect(target).to_have_text(["1", "0", "0", "0"])
    families = page.get_by_role("group", name="What should it learn?").get_by_role("radio")
    families.nth(0).focus()
    page.keyboard.press("ArrowRight")
    expect(families.nth(1)).to_be_checked()


def test_a_translation_is_learned_here(page):
    open_task(page, next(t for t in TASKS if t.name == "numbers-en-fr"))
    tab(page, "Train")
    page.get_by_label("number input for Epochs").fill("2")
    page.get_by_label("number input for Epochs").press("Tab")
    page.get_by_role("button", name="Train", exact=True).click()
    wait_for_status(page, "done")
    score = page.locator('.live .score[data-score="new"] b').inner_text()
    assert float(re.sub(r"[^\d.]", "", score)) >= 50
    tab(page, "Sequence")
    expect(page.locator(".board").first).to_contain_text("Your model's answer")


def test_a_sentence_about_a_file_stays_until_the_pairs_are_changed(same_page):
    """`test_table_parsing` tests the messages for all kinds of files."""
    page = same_page
    choose(page, "Your own")
    file = page.locator(".card input[type=file]").first
    file.set_input_files([{"name": "song.txt", "mimeType": "text/plain", "buffer": bytes(99)}])
    problem = page.get_by_role("alert").filter(has_text="not text")
    expect(problem).to_be_visible()
    page.get_by_label("Your sequence").fill("dog")
    expect(page.locator(".board ol[aria-label=target] > li").first).to_have_text("d")
    expect(problem).to_be_visible()
    page.get_by_label("Your pairs").fill("dog -> dogs")
    expect(problem).to_be_hidden()
    # And a file that is in order is read, whatever its encoding.
    text = "".join(f"{w} -> {w[::-1]}\n" for w in ("häuser", "tür", "öl"))
    file.set_input_files(
        [{"name": "table.txt", "mimeType": "text/plain", "buffer": text.encode("utf-16")}])
    page.wait_for_function(
        "document.querySelector('.pairs-box textarea').value.startsWith('häuser -> resuäh')")
    page.get_by_label("Your sequence").fill("tür")
    expect(page.locator(".board ol[aria-label=target] > li")).to_have_text(["r", "ü", "t"])


def test_a_bad_paste_gets_a_sentence_and_can_be_mended(same_page):
    page = same_page
    choose(page, "Your own")
    box = page.get_by_label("Your pairs")
    expect(box).to_be_visible()
    for text, sentence in (("".join(f"{i} -> {i}\n" for i in range(20_001)),
                            "There are 20,001 lines"), ("cat\n\ndog", "Line 1 is “cat”")):
        # As a paste does it, at once: `fill` types, and would take minutes over so many lines.
        box.evaluate("(box, text) => { box.value = text; box.dispatchEvent(new Event('input')) }",
                     text)
        problem = page.get_by_role("alert").filter(has_text=sentence)
        expect(problem).to_be_visible()
        box.fill("cat -> cats\ndog -> dogs\n")
        expect(problem).to_be_hidden()
