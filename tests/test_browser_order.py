"""An answer that comes late does not replace a newer one."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_a_late_answer_does_not_replace_that_of_the_model_opened_since(page):
    held = []

    def hold(route):
        if not held and "4 5 6 7" in (route.request.post_data or ""):
            held.append((route, route.fetch()))  # it is answered, and the answer is on its way
        else:
            route.continue_()
    page.route("**/gradio_api/run/**", hold)
    page.get_by_label("Your sequence").fill("4 5 6 7")
    ready = page.get_by_role("button", name="Open the ready-trained model")
    while not held:
        page.wait_for_timeout(50)
    ready.click()
    expect(page.get_by_role("button", name="The ready-trained model is open")).to_be_visible()
    board = page.locator(".board").first
    expect(board).to_contain_text("The ready-trained model says")
    route, response = held[0]
    with page.expect_response("**/gradio_api/run/**"):
        route.fulfill(response=response)
    expect(board).to_contain_text("An untrained model says")  # for a moment
    expect(board).to_contain_text("The ready-trained model says")
