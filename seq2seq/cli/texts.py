"""`texts`: what the page says, as a file to be translated."""

import argparse

from babel import Locale, UnknownLocaleError

from seq2seq.errors import InputError, shorten


def update_texts(args: argparse.Namespace) -> None:
    """Begin the file of a language, or bring it up to date; say what is left to do."""
    from seq2seq.translatable_texts import path_of, update  # reads all lessons
    try:
        Locale.parse(args.language)
    except (ValueError, UnknownLocaleError):
        raise InputError(f"There is no language “{shorten(args.language)}”: use a code such as "
                         "de, fr or pt_BR.") from None
    total, waiting = update(args.language)
    print(f"{path_of(args.language)}: {total} texts, {waiting} of them untranslated.")
