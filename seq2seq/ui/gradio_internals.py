"""What Gradio keeps of every visit, without what only its deep links would need.

For each visit, also that of a program that asks once, Gradio describes the whole page anew: 15 ms
of computing and a megabyte. Only `gr.DeepLinkButton` reads these descriptions, and this page has
links of its own (`ui/sharing`). A visit's values, such as the run it shows, are kept elsewhere.
"""

from typing import Any

import gradio as gr
from gradio.blocks import BlocksConfig

NOTHING: dict[str, Any] = {}  # one for all: Gradio changes a description only where it has "props"


class _OfVisit(BlocksConfig):
    """The components and handlers of the page, as one visit has them."""

    @staticmethod
    def config_for_block(*_: Any) -> dict:
        """No description."""
        return NOTHING


class _OfPage(BlocksConfig):
    """The same of the page itself: only this one is described, to the browser."""

    def __copy__(self) -> _OfVisit:
        visit = _OfVisit(self.root_block)
        vars(visit).update(vars(super().__copy__()))
        return visit


def keep_little(demo: gr.Blocks) -> None:
    """Let visits to `demo` be light. Call it when the page is built, before it is served."""
    light = _OfPage(demo)
    vars(light).update(vars(demo.default_config))
    demo.default_config = light
