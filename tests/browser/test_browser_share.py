"""Share links, and runs downloaded as a zip."""

import csv
import io
import zipfile
from urllib.parse import parse_qs, urlparse

import pytest
from conftest import visit
from playwright.sync_api import Page, expect
from test_browser import choose, tab, wait_for_status

from seq2seq import EpochEnd, Experiment
from seq2seq.files.share_link import from_query

pytestmark = pytest.mark.browser


def train(page: Page) -> None:
    page.get_by_role("button", name="Train", exact=True).click()
    wait_for_status(page, "done")


def epochs(page: Page, number: int) -> None:
    page.get_by_label("number input for Epochs").fill(str(number))
    page.get_by_label("number input for Epochs").press("Tab")


def taken_home(page: Page) -> dict[str, str]:
    """The zip of the chosen run: file -> text."""
    with page.expect_download() as download:
        page.get_by_role("button", name="Download this run").click()
    with zipfile.ZipFile(io.BytesIO(download.value.path().read_bytes())) as archive:
        return {name.partition("/")[2]: archive.read(name).decode()
                for name in archive.namelist() if name.endswith((".csv", ".py", ".json"))}


def links(page: Page) -> dict[str, str]:
    page.get_by_role("button", name="Share").click()
    fields = page.locator(".share > .links").get_by_role("textbox")
    fields.first.wait_for()
    return {field.evaluate("e => e.labels[0].textContent"): field.input_value()
            for field in fields.all()}


def test_a_link_holds_all_that_the_losses_depend_on(chromium, server):
    """The link alone reproduces the losses in another process and for another visitor."""
    with visit(chromium, server) as page:
        page.get_by_label("Your sequence").fill("2 7 1 8")
        tab(page, "Train")
        epochs(page, 2)
        choose(page, "8")
        page.get_by_role("button", name="More settings").click()
        page.get_by_label("number input for Dropout").fill("0.123")
        page.get_by_label("number input for Dropout").press("Tab")
        page.get_by_label("Training examples").fill("900")
        page.get_by_label("Training examples").press("Tab")
        train(page)
        first = taken_home(page)
        (link,) = links(page).values()
    query = "?" + urlparse(link).query
    asked = parse_qs(urlparse(link).query)
    assert asked["text"] == ["2 7 1 8"]
    assert asked["hidden_size"] == ["8"]
    recipe = from_query(query).recipe
    losses = [e.train_loss for e in Experiment.from_recipe(recipe).fit()
              if isinstance(e, EpochEnd)]
    rows = csv.DictReader(io.StringIO(first["history.csv"]))
    assert [float(row["epoch_loss"]) for row in rows if row["epoch_loss"]] == losses

    with visit(chromium, server, query) as page:
        opened = page.get_by_role("status").filter(has_text="Opened from a link")
        expect(opened).to_contain_text("hidden size 8")
        expect(opened).to_contain_text("to the last digit")
        train(page)
        expect(opened).to_be_hidden()
        second = taken_home(page)
        expect(page.get_by_label("Your sequence")).to_have_value("2 7 1 8")
        page.reload()  # the run, not the link once more
        wait_for_status(page, "done")
    assert second["recipe.json"] == first["recipe.json"]
    assert second["history.csv"] == first["history.csv"]
    assert 'text = "2 7 1 8"' in second["retrain.py"]


def test_settings_that_were_not_trained_yet_are_shared_too(same_page):
    page = same_page
    choose(page, "Your own")
    page.get_by_label("Your pairs").fill("ab -> ba\ncd -> dc\nef -> fe")
    page.get_by_label("Your sequence").fill("ab")
    tab(page, "Train")
    choose(page, "32")
    found = links(page)
    assert list(found) == ["The current settings"]
    link = from_query(found.popitem()[1])
    assert link.text == "ab"
    assert link.recipe.pairs == "ab -> ba\ncd -> dc\nef -> fe"
    assert link.recipe.model.hidden_size == 32
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Copied ✓")).to_be_visible()
    page.get_by_role("button", name="Close").click()
    expect(page.get_by_role("region", name="Links to share")).to_be_hidden()


@pytest.mark.parametrize(("query", "sentence"), [
    ("?task=reverse&hidden_size=999", "Hidden size is 999"),
    ("?hidden_size=8&sede=1", "“sede”"),
])
def test_a_bad_link_is_a_sentence_and_the_page_is_as_always(chromium, server, query, sentence):
    with visit(chromium, server, query) as page:
        expect(page.get_by_role("alert").filter(has_text=sentence)).to_be_visible()
        expect(page.get_by_label("Your sequence")).to_have_value("3 1 4 1 5")


def test_a_link_of_another_version_says_so(chromium, server):
    query = "?task=sort&hidden_size=32&defaults=000000&utm_source=mail"
    with visit(chromium, server, query) as page:
        opened = page.get_by_role("status").filter(has_text="Opened from a link")
        expect(opened).to_contain_text("“Sort digits” with hidden size 32")
        expect(opened).to_contain_text("another version")
        expect(page.get_by_role("button", name="Train", exact=True)).to_be_visible()


def test_without_a_whole_epoch_there_is_a_sentence_instead_of_a_zip(chromium, server):
    """The first epoch takes minutes, so that it cannot have ended before Stop is pressed."""
    slow = "?task=reverse&hidden_size=256&batch_size=1&num_examples=20000"
    with visit(chromium, server, slow) as page:
        expect(page.get_by_text("Opened from a link")).to_be_visible()
        expect(page.get_by_role("radio", name="256", exact=True)).to_be_checked()
        page.get_by_role("button", name="Train", exact=True).click()
        page.get_by_role("button", name="Stop").click()
        wait_for_status(page, "stopped")
        page.get_by_role("button", name="Download this run").click()
        expect(page.get_by_text("wait for the first epoch to finish")).to_be_visible()


def test_a_figure_is_saved_by_its_own_buttons(same_page):
    page = same_page
    tab(page, "Train")
    for kind, beginning in (("PNG", b"\x89PNG"), ("SVG", b"<svg")):
        page.locator(".live .chart").hover()
        with page.expect_download() as download:
            page.locator(f".live .modebar-btn[data-title*={kind}]").click()
        assert download.value.suggested_filename.endswith(f".{kind.lower()}")
        assert download.value.path().read_bytes().startswith(beginning)


def test_the_share_box_fits_a_narrow_screen(same_page):
    page = same_page
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("button", name="Share").click()
    for name in ("Embed in a course page or a slide", "Hide parts of the page"):
        page.get_by_text(name).click()
    page.locator(".share select").first.wait_for()
    wide = page.locator(".share").evaluate(
        """box => [...box.querySelectorAll('*')].filter(e => e.checkVisibility() &&
             e.getBoundingClientRect().right > box.getBoundingClientRect().right)
           .map(e => `${e.tagName} ${e.className}`)""")
    assert wide == []
