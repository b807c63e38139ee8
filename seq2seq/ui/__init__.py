"""The page: the only part of the package that knows Gradio.

`page` puts it together; each tab has a file (`tab_sequence`, `tab_train`, `tab_answers`), and so
has the live chart (`live`). `lab` is what all visitors share, `session` what the tabs of one
visitor share, `settings` the controls, `html` the pieces of markup, `history` and `story` what is
said about a run, `api` the endpoints for programs.
"""
