"""The table that the task "pairs" has before the user gives one."""

# English plurals, written for this project, with three rules.
EXAMPLE_PAIRS = "\n".join(
    f"{one} -> {many}"
    for words, ending, cut in [
        ("cat dog bird tree book chair table river mountain window door garden street "
         "letter number teacher student doctor farmer baker singer driver hat map cup bag "
         "pen bed car road field flower apple orange banana onion carrot spoon plate clock "
         "lamp phone shirt boot sock coat king queen island planet rocket robot model "
         "token", "s", 0),
        ("bus box fox class glass dress boss kiss wish dish brush bush watch match bench lunch "
         "branch church beach peach tax wax mix fax gas", "es", 0),
        ("city baby lady story party berry cherry puppy country family body copy fly spy sky army "
         "diary factory library memory", "ies", 1),
    ]
    for one in words.split()
    for many in [one[: len(one) - cut] + ending]
)
