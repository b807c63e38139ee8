"""The command line: train, evaluate, predict, and a table of all tasks.

`parser` defines the options, each command has a module of its name (`tasks` is in `table`), and
`files` reads tables of pairs and models.
"""
