"""The sheets of a review in their order."""

from __future__ import annotations

from datetime import datetime

from sync.comparing import Review
from sync.config import Office
from sync.outputs.office_workbook.book import Book
from sync.outputs.review_workbook import lines_sheets, overview_sheet, school_sheet, share_sheets


def assemble(review: Review, office: Office, now: datetime) -> bytes:
    """See `build`."""
    if now.tzinfo is None:
        raise ValueError(f"{now} has no time zone")
    book = Book(office, now, f"{review.plan.title} – {review.period.title}")
    overview = book.add_sheet(overview_sheet.SHEET)
    if review.latest is not None:
        for table in review.plan.all_tables:
            if share_sheets.has_shares(table):
                share_sheets.write(book, book.add_sheet(table.summary_sheet), review, table)
        if lines_sheets.sums(review.plan):
            lines_sheets.write_sums(book, book.add_sheet(review.plan.tables["statistics"].summary_sheet), review)
        lines_sheets.write_standings(book, book.add_sheet(lines_sheets.STANDINGS_SHEET), review)
        school_sheet.write(book, book.add_sheet(school_sheet.SHEET), review)
    overview_sheet.write(book, overview, review)
    return book.close()
