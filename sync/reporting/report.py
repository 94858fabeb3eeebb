"""Everything that a report says, as values that a template places: texts, lists of sentences, tables."""

from __future__ import annotations

from datetime import date
from typing import Any

from sync.plan import TABLE_IDS
from sync.reporting import figures, over_time, voices
from sync.reporting.masking import NOTE
from sync.reporting.results import LAGGING, WELL, results
from sync.reporting.standing import reporting
from sync.reporting.subject import Subject, in_text
from sync.reporting.wording import BLANK, day, gap, lowered, moment, number, plain

PORTRAIT_MM, LANDSCAPE_MM = 160.0, 247.0
"""Room between the margins of the two kinds of page."""


def names(subject: Subject) -> dict[str, Any]:
    """The names that templates of reports may use; docs/huong-dan-can-bo.md explains them.

    Texts are plain and on one line; what is to be filled in stands between the marks of `wording.gap`. What a report
    has no figures for is None or empty, and templates say what then stands there.
    """
    return {
        "office": _office(subject),
        "document": _document(subject),
        "period": _period(subject),
        "plan": _plan(subject),
        "reporting": reporting(subject, PORTRAIT_MM),
        "activities": results(subject.main, "activities", subject.masking),
        "duties": results(subject.main, "duties", subject.masking),
        "well_from": f"{number(100 * WELL)}%",
        "lagging_below": f"{number(100 * LAGGING)}%",
        "numbers": _numbers(subject),
        **_voices(subject),
        **_tables(subject),
        "for_others": subject.masking.for_others,
        "masking_note": NOTE if subject.masking.for_others else "",
    }


def _numbers(subject: Subject) -> dict[str, str]:
    """The number of each part on results; "" of what the plan does not have."""
    known = [table.id for table in subject.plan.all_tables]
    return {**dict.fromkeys(TABLE_IDS, ""), **{name: str(place) for place, name in enumerate((*known, "compared"), 1)}}


def _voices(subject: Subject) -> dict[str, Any]:
    for_others = subject.masking.for_others
    return {
        "unmet": voices.reasons(subject.main, for_others=for_others),
        "difficulties": voices.difficulties(subject.main, for_others=for_others),
        "not_applicable": voices.not_applicable(subject.main, for_others=for_others),
    }


def _tables(subject: Subject) -> dict[str, Any]:
    return {
        "targets": figures.targets(subject.main, subject.masking, PORTRAIT_MM),
        "statistics": figures.statistics(subject, PORTRAIT_MM),
        "years": over_time.years(subject, PORTRAIT_MM),
        "compared": over_time.compared(subject, PORTRAIT_MM),
        "compared_words": over_time.compared_words(subject),
        "appendix": figures.appendix(subject, LANDSCAPE_MM),
    }


def _office(subject: Subject) -> dict[str, Any]:
    office = subject.office
    return {
        "parent": plain(office.parent).upper(),
        "name": plain(office.name).upper(),
        "in_text": plain(office.name_in_text) or "đơn vị",
        "of": plain(office.name_in_text or office.name),
        "signer": [plain(each).upper() for each in office.signer_title] or [gap("Quyền hạn, chức vụ của người ký")],
        "recipients": _recipients([plain(each).rstrip(";.") for each in office.recipients]),
    }


def _recipients(given: list[str]) -> list[str]:
    """As the Decree has them: a dash, a semicolon, a full stop at the end."""
    known = given or [gap("Tên cơ quan nhận báo cáo"), f"Lưu: VT, {gap('đơn vị soạn thảo')}"]
    return [f"- {each}{'.' if number == len(known) else ';'}" for number, each in enumerate(known, 1)]


def _document(subject: Subject) -> dict[str, Any]:
    symbol = plain(subject.office.symbol) or f"BC-{gap('ký hiệu đơn vị')}"
    place = plain(subject.office.place) or gap("Địa danh")
    signing = max(subject.period.sign_on or subject.now.date(), subject.now.date())
    return {
        "number": f"Số:{BLANK}/{symbol}",
        "place_date": f"{place}, {_written(signing)}",
        "attached_to": f"(Kèm theo Báo cáo số{BLANK}/{symbol} {_written(signing)} "
        f"của {plain(subject.office.name_in_text or subject.office.name)})",
        "dispatch": plain(subject.period.dispatch),
    }


def _written(signing: date) -> str:
    """The date of a document that is not signed yet. The Decree writes 01 and 02 of months with a zero."""
    month = f"{signing.month:02d}" if signing.month < 3 else str(signing.month)
    return f"ngày{BLANK}tháng {month} năm {signing.year}"


def _period(subject: Subject) -> dict[str, Any]:
    period = subject.period
    return {
        "key": period.key,
        "title": plain(period.title),
        "in_text": plain(in_text(period.title)),
        "starts_on": day(period.starts_on),
        "ends_on": day(period.ends_on),
        "as_of": moment(subject.now),
        # Which period's state the report gives, where it covers several.
        "state_of": plain(in_text(subject.main.period.title)) if subject.main else "",
    }


def _plan(subject: Subject) -> dict[str, Any]:
    plan, document = subject.plan, subject.plan.document
    title = plain(plan.title).capitalize()
    printed = plain(document.number)
    given = f"{gap('số')}{printed}" if printed.startswith("/") or not printed else printed
    issuer = plain(document.issuer)
    return {
        "title": title,
        "in_text": lowered(title),
        "subject": plain(plan.subject),
        "goal": plain(document.goal),
        "number": given,
        "date": day(document.date),
        "issuer": issuer,
        "appendix_title": f"KẾT QUẢ THỰC HIỆN {plain(_activities_title(subject))}",
    }


def _activities_title(subject: Subject) -> str:
    title = subject.plan.tables["activities"].title
    return title.upper().removeprefix("KẾT QUẢ THỰC HIỆN ").strip()
