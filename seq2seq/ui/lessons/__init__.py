"""The lesson panel above the tabs: its pages, its pictures, and what its buttons do."""
