"""The page: the only part of the package that imports Gradio.

`server` serves the page that `page` builds, in every language. `lab` holds what all visitors share,
`session` what the tabs of one visitor share. The folders are what a visitor sees: `tabs`,
`lessons`, `classroom`, `sharing`; `components` are used by several of them, `api` holds the
endpoints for programs, `http` the web server's own limits.
"""
