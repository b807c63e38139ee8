"""A Gradio theme with the colours of `assets/css/style.css`.

Every colour is a variable of the style sheet, which alone defines the light and the dark scheme.
Only system fonts are used, so the page loads no fonts.
"""

import inspect

import gradio as gr

SANS = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif")
MONO = ("ui-monospace", "Cascadia Mono", "Menlo", "Consolas", "DejaVu Sans Mono", "monospace")

ROLES = {
    "body_background_fill": "var(--paper)",
    "body_text_color": "var(--ink)",
    "body_text_color_subdued": "var(--soft)",
    "background_fill_primary": "var(--card)",
    "background_fill_secondary": "var(--paper)",
    "border_color_primary": "var(--line)",
    "border_color_accent": "var(--enc)",
    "color_accent": "var(--enc)",
    "color_accent_soft": "var(--enc-bg)",
    "link_text_color": "var(--enc)",
    "link_text_color_hover": "var(--enc)",
    "link_text_color_visited": "var(--enc)",
    "link_text_color_active": "var(--enc)",
    "block_background_fill": "transparent",
    "block_border_width": "0px",
    "block_border_color": "var(--line)",
    "block_shadow": "none",
    "block_radius": "var(--radius)",
    "block_padding": "0",
    "block_info_text_color": "var(--soft)",
    "block_info_text_size": "13px",
    "block_label_background_fill": "transparent",
    "block_label_border_width": "0px",
    "block_label_text_color": "var(--soft)",
    "block_title_text_color": "var(--soft)",
    "block_title_text_weight": "400",
    "block_title_text_size": "13px",
    "panel_background_fill": "transparent",
    "panel_border_width": "0px",
    "container_radius": "var(--radius)",
    "form_gap_width": "16px",
    "layout_gap": "16px",
    "section_header_text_size": "14px",
    "section_header_text_weight": "500",
    "input_background_fill": "var(--card)",
    "input_background_fill_focus": "var(--card)",
    "input_background_fill_hover": "var(--card)",
    "input_border_color": "var(--edge)",
    "input_border_color_focus": "var(--enc)",
    "input_border_color_hover": "var(--soft)",
    "input_border_width": "1px",
    "input_placeholder_color": "var(--soft)",
    "input_radius": "8px",
    "input_shadow": "none",
    "input_shadow_focus": "0 0 0 2px var(--enc-bg)",
    "checkbox_background_color": "var(--card)",
    "checkbox_background_color_selected": "var(--button)",
    "checkbox_border_color": "var(--edge)",
    "checkbox_border_color_selected": "var(--button)",
    "checkbox_border_color_focus": "var(--enc)",
    "checkbox_label_background_fill": "transparent",
    "checkbox_label_background_fill_hover": "var(--hover)",
    "checkbox_label_background_fill_selected": "var(--enc-bg)",
    "checkbox_label_border_color": "var(--line)",
    "checkbox_label_border_width": "0px",
    "checkbox_label_text_color": "var(--ink)",
    "checkbox_label_text_color_selected": "var(--enc)",
    "checkbox_label_text_size": "14px",
    "slider_color": "var(--enc)",
    "loader_color": "var(--enc)",
    "button_border_width": "1px",
    "button_large_radius": "8px",
    "button_large_padding": "10px 20px",
    "button_large_text_size": "15px",
    "button_large_text_weight": "600",
    "button_primary_background_fill": "var(--button)",
    "button_primary_background_fill_hover": "var(--button-hover)",
    "button_primary_border_color": "transparent",
    "button_primary_border_color_hover": "transparent",
    "button_primary_text_color": "#ffffff",
    "button_primary_text_color_hover": "#ffffff",
    "button_primary_shadow": "none",
    "button_primary_shadow_hover": "none",
    "button_primary_shadow_active": "none",
    "button_secondary_background_fill": "var(--card)",
    "button_secondary_background_fill_hover": "var(--hover)",
    "button_secondary_border_color": "var(--edge)",
    "button_secondary_border_color_hover": "var(--soft)",
    "button_secondary_text_color": "var(--ink)",
    "button_secondary_text_color_hover": "var(--ink)",
    "button_secondary_shadow": "none",
    "button_secondary_shadow_hover": "none",
    "button_secondary_shadow_active": "none",
    "error_background_fill": "var(--no-bg)",
    "error_text_color": "var(--no)",
    "error_border_color": "var(--no)",
    "table_border_color": "var(--line)",
}


def make_theme() -> gr.themes.Base:
    """The theme of the page, for `launch(theme=…)`."""
    theme = gr.themes.Base(
        font=SANS, font_mono=MONO, text_size=gr.themes.sizes.text_md,
        spacing_size=gr.themes.sizes.spacing_md, radius_size=gr.themes.sizes.radius_md)
    known = inspect.signature(theme.set).parameters
    dark = {f"{name}_dark": value for name, value in ROLES.items() if f"{name}_dark" in known}
    return theme.set(**ROLES, **dark)
