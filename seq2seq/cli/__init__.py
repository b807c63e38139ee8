"""The command line: train, evaluate, predict, and a table of all tasks.

`parser` reads what was typed; `train`, `answer` and `table` do it; `files` reads tables of pairs.
"""
