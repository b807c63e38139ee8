"""Self-contained HTML files: error analysis, one answer step by step, the card of an experiment."""

from seq2seq.errors import InputError


def check_complete() -> None:
    """InputError in the package of a take-home zip, which cannot write pages."""
    try:
        import seq2seq.reports.answer_page
        import seq2seq.reports.error_analysis  # noqa: F401
    except ImportError:
        raise InputError("This copy of the package contains only what training needs. Use the "
                         "whole lab to write reports.") from None
