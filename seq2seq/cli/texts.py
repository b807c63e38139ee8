"""`texts`: create or update the translation file of a language."""

import argparse

from babel import Locale, UnknownLocaleError

from seq2seq.errors import InputError, shorten


def update_texts(args: argparse.Namespace) -> None:
    """Create or update the file of a language and print the number of untranslated texts."""
    from seq2seq.translatable_texts import path_of, update  # reads all lessons
    try:
        Locale.parse(args.language)
    except (ValueError, UnknownLocaleError):
        raise InputError(f"There is no language “{shorten(args.language)}”: use a code such as "
                         "de, fr or pt_BR.") from None
    total, waiting = update(args.language)
    print(f"{path_of(args.language)}: {total} texts, {waiting} of them untranslated.")
