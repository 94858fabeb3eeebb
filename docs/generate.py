"""Writes all that is derived from the code: catalogues of messages; pages on findings, rules, commands, the doctor.

    python docs/generate.py           writes what is stale
    python docs/generate.py --check   names what is stale or not translated and ends with 1 if anything is

A translator edits `sync/locale/vi/LC_MESSAGES/baocao.po`; new messages are added to it here, without a translation.
"""

from __future__ import annotations

import ast
import inspect
import io
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import click
from babel.messages import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from sync import doctor, expression, i18n, plan  # noqa: E402
from sync.checks import catalogue  # noqa: E402
from sync.intake import sniff  # noqa: E402
from sync.plan import CompiledRule, Plan, Table  # noqa: E402

LOCALE = Path("sync/locale/vi/LC_MESSAGES")
EXTRACTED, BY_HAND = "baocao", "click"
PLAN = "thu-thua-2020-2025"
NOTE = "<!-- Written by docs/generate.py; changes belong in {source}. -->"
HEADER = "# Tiếng Việt của baocao. Những {tên} trong ngoặc nhọn phải giữ nguyên."
_HEAD_ROW = "| {name} | severity | in English | bằng tiếng Việt |\n| --- | --- | --- | --- |"
_FUNCTIONS = {"gettext", "ngettext", "mark"}
_GROUPS = {
    "empty-file": "The file as a whole",
    "no-identity": "Whose report it is",
    "sheet-missing": "The build of the workbook",
    "required": "The value of one cell",
    "legacy-font": "How a text is written",
    "private-data": "What should not spread",
    "figure-fell": "Against the school's own earlier reports",
    "copied-text": "Against other schools",
}
"""The finding that each group of the catalogue begins with."""
_SYMPTOM_GROUPS = {
    "settings-fine": "Settings and plan",
    "folders-fine": "Folders and files",
    "control-fine": "What the officer fills in",
    "ledger-fine": "What is remembered",
    "clock-fine": "Time",
    "mail-fine": "Letters",
    "service-fine": "The service",
    "addin-fine": "The server of the add-in",
    "version": "The program",
}
"""The symptom that each group of the doctor's catalogue begins with."""

MessageId = str | tuple[str, ...]


# ---------------------------------------------------------------- catalogues


class PlainCatalog(Catalog):
    """A catalogue whose header does not change from run to run."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        return [
            ("Language", "vi"),
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=UTF-8"),
            ("Content-Transfer-Encoding", "8bit"),
            ("Plural-Forms", "nplurals=1; plural=0;"),
        ]


def messages(source: str) -> Iterator[MessageId]:
    """The messages of a module's `source`, in order. Raises ValueError where one is more than a literal."""
    tree = ast.parse(source)
    names = {
        name.asname or name.name: name.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "sync.i18n"
        for name in node.names
    }
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    translating = [call for call in calls if _function(call.func, names) in _FUNCTIONS]
    for call in sorted(translating, key=lambda call: (call.lineno, call.col_offset)):
        wanted = call.args[: 2 if _function(call.func, names) == "ngettext" else 1]
        texts = tuple(text for argument in wanted if (text := _literal(argument)))
        if len(texts) == 2:
            yield (texts[0], texts[1])
        elif texts:
            yield texts[0]


def _function(called: ast.expr, names: Mapping[str, str]) -> str:
    match called:
        case ast.Name(id=name):
            return names.get(name, "")
        case ast.Attribute(value=ast.Name(id="i18n"), attr=name):
            return name
    return ""


def _literal(argument: ast.expr) -> str | None:
    """The text of a literal, None for a name of one that is marked elsewhere."""
    match argument:
        case ast.Constant(value=str() as text):
            return text
        case ast.Name() | ast.Subscript() | ast.Attribute():
            return None
    raise ValueError(f"line {argument.lineno}: a message is one literal")


def extracted() -> Catalog:
    """All messages of the package with the modules that have them, none translated."""
    catalog = PlainCatalog(locale="vi", header_comment=HEADER, fuzzy=False)
    for module in sorted((ROOT / "sync").rglob("*.py")):
        place = module.relative_to(ROOT).as_posix()
        for message in messages(module.read_text(encoding="utf-8")):
            catalog.add(message, locations=[(place, 0)])
    return catalog


def existing(domain: str) -> Catalog:
    """The committed catalogue; an empty one where there is none."""
    file = ROOT / LOCALE / f"{domain}.po"
    return read_po(io.BytesIO(file.read_bytes() if file.exists() else b""), locale="vi")


def merged(domain: str) -> Catalog:
    """The messages that are wanted now, with the translations there are. Click's are chosen by hand."""
    old = existing(domain)
    wanted = extracted() if domain == EXTRACTED else old
    catalog = PlainCatalog(locale="vi", header_comment=HEADER, fuzzy=False)
    for message in _entries(wanted):
        known = old.get(message.id) or message
        catalog.add(message.id, known.string, message.locations, known.flags, user_comments=known.user_comments)
    return catalog


def _entries(catalog: Catalog) -> list[Message]:
    return [message for message in catalog if message.id]


def untranslated() -> list[str]:
    """Messages without a Vietnamese text, or with one that somebody is not sure of."""
    found = [message for domain in (EXTRACTED, BY_HAND) for message in _entries(merged(domain))]
    return [str(message.id) for message in found if not all(message.string or [""]) or message.fuzzy]


def _po(catalog: Catalog) -> bytes:
    out = io.BytesIO()
    write_po(out, catalog, width=100, include_lineno=False, omit_header=False)
    return out.getvalue()


def _mo(catalog: Catalog) -> bytes:
    out = io.BytesIO()
    write_mo(out, catalog)
    return out.getvalue()


# ---------------------------------------------------------------- findings


def findings_page() -> str:
    """Every kind of finding in both languages."""
    parts = [
        NOTE.format(source="sync/checks/catalogue.py and sync/locale"),
        "# Findings",
        "What `baocao` says about a workbook: where, what is wrong, how to mend it. A report with an **error** goes "
        "back to the school; a **warning** does not stop it. Names in `{braces}` stand for what was seen. The rules of "
        "a plan are findings too: [rules](rules.md).",
    ]
    for code, entry in catalogue.CATALOGUE.items():
        if code in _GROUPS:
            parts.append(f"## {_GROUPS[code]}\n\n{_HEAD_ROW.format(name='code')}")
        parts[-1] += f"\n{_row(code, entry.severity, entry.message, entry.fix)}"
    return _page([*parts, *_kinds()])


def _row(name: str, severity: str, message: str, fix: str) -> str:
    """A row in both languages; `fix` is empty where there is nothing to do."""
    said = ["<br>→ ".join(_cell(_in(language, text)) for text in (message, fix) if text) for language in ("en", "vi")]
    return f"| `{name}` | {severity} | {' | '.join(said)} |"


def _kinds() -> list[str]:
    rows = [f"| {_cell(text)} | {_cell(_in('vi', text))} |" for text in dict.fromkeys(sniff.WORDS.values())]
    return ["## What a file can be instead of a workbook", "| {what} | {what} |\n| --- | --- |\n" + "\n".join(rows)]


def _in(language: str, message: str) -> str:
    with i18n.using(language):
        return i18n.gettext(message)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _page(parts: list[str]) -> str:
    return "\n\n".join(parts) + "\n"


# ---------------------------------------------------------------- the doctor


def doctor_page() -> str:
    """Every symptom in both languages."""
    parts = [
        NOTE.format(source="sync/doctor/catalogue.py and sync/locale"),
        "# The doctor",
        "What `baocao doctor` says, and what to do about it. It mends nothing and sends nothing. Ids never change, so "
        "that a watchdog can look for them in `doctor --json`. The command ends with 4 where an **error** is found, "
        "else with 0. Names in `{braces}` stand for what was seen.",
    ]
    for name, entry in doctor.CATALOGUE.items():
        if name in _SYMPTOM_GROUPS:
            parts.append(f"## {_SYMPTOM_GROUPS[name]}\n\n{_HEAD_ROW.format(name='id')}")
        parts[-1] += f"\n{_row(name, entry.severity, entry.message, entry.hint)}"
    return _page(parts)


# ---------------------------------------------------------------- rules


def rules_page() -> str:
    """The rules of the shipped plan, and what expressions mean."""
    shipped = plan.load(PLAN)
    parts = [
        NOTE.format(source=f"workbook_templates/{PLAN}/plan.toml and sync/expression/__init__.py"),
        "# Rules",
        f"The rules of `{PLAN}`: “{shipped.title} {shipped.subject}”.",
        "Each is written once, as an expression in `plan.toml`. The school's workbook has it as a formula, so that its "
        "verdict shows while somebody types, and `baocao` judges what comes back by the same expression. The id of a "
        "rule is the code of its findings.",
    ]
    for table in shipped.all_tables:
        parts.append(f"## {table.sheet} (`{table.id}`)")
        parts += [_rule(table, compiled) for compiled in shipped.rules[table.id]]
    return _page([*parts, "## Figures of the school", _figures(shipped), "## Expressions", _semantics()])


def _rule(table: Table, compiled: CompiledRule) -> str:
    rule = compiled.rule
    rows = ", ".join(row.code for row in table.rows if rule.rows and row.code in rule.rows) or "all"
    lines = [
        f"### `{rule.id}` · {rule.severity}",
        "",
        *([f"- when: `{rule.when}`"] if rule.when else []),
        f"- require: `{rule.require}`",
        f"- marks: {table.columns_by_id[rule.cell].heading} (`{rule.cell}`)",
        f"- rows: {rows}",
        f"- {_cell(rule.message_en)} → {_cell(rule.fix_en)}",
        f"- {_cell(rule.message)} → {_cell(rule.fix)}",
    ]
    return "\n".join(lines)


def _figures(shipped: Plan) -> str:
    rows = [
        f"| `school.{name}` | {shipped.tables[figure.table].sheet} | {figure.row} | `{figure.column}` |"
        for name, figure in shipped.figures.items()
    ]
    return "| name | sheet | row | column |\n| --- | --- | --- | --- |\n" + "\n".join(rows)


def _semantics() -> str:
    return inspect.cleandoc(expression.__doc__ or "")


# ---------------------------------------------------------------- commands


def commands_page() -> str:
    """The help of every command, in English."""
    with i18n.using("en"):
        # Help texts are translated as the commands are declared.
        from sync.cli.commands import baocao

    parts = [
        NOTE.format(source="sync/cli"),
        "# Commands",
        "Texts are Vietnamese; `--lang en` or `BAOCAO_LANG=en` gives them in English.",
        "## Exit statuses",
        _statuses(),
    ]
    top = click.Context(baocao, info_name="baocao", terminal_width=80, **baocao.context_settings)
    parts += ["## `baocao`", _help(baocao, top)]
    for name, command in baocao.commands.items():
        parts += [f"## `baocao {name}`", _help(command, click.Context(command, parent=top, info_name=name))]
    return _page(parts)


def _help(command: click.Command, context: click.Context) -> str:
    return f"```text\n{command.get_help(context)}\n```"


def _statuses() -> str:
    from sync.cli import options

    meanings = {
        options.DONE: "done",
        options.FOUND_ERRORS: "`check` found errors",
        options.WRONG_USE: "wrong use or settings",
        options.BUSY: "another pass holds the workspace",
        options.PARTLY: "done, but a source or an address failed",
    }
    return "\n".join(f"- {status}: {meaning}" for status, meaning in meanings.items())


# ---------------------------------------------------------------- writing and checking


def files() -> Iterator[tuple[Path, bytes]]:
    """What every derived file should be; a catalogue is written before the pages that use it."""
    for domain in (EXTRACTED, BY_HAND):
        catalog = merged(domain)
        yield LOCALE / f"{domain}.po", _po(catalog)
        yield LOCALE / f"{domain}.mo", _mo(catalog)
    pages = {"findings": findings_page, "rules": rules_page, "commands": commands_page, "doctor": doctor_page}
    for name, page in pages.items():
        text = re.sub(r"[ \t]+$", "", page(), flags=re.MULTILINE)
        yield Path("docs") / f"{name}.md", text.encode()


def main(arguments: list[str]) -> int:
    """Writes or checks; returns the exit status."""
    check = arguments == ["--check"]
    stale = []
    for file, content in files():
        target = ROOT / file
        if target.exists() and target.read_bytes() == content:
            continue
        stale.append(file)
        if not check:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
    missing = untranslated()
    for file in stale:
        sys.stdout.write(f"{'stale' if check else 'written'}: {file.as_posix()}\n")
    for text in missing:
        sys.stdout.write(f"not translated: {text!r}\n")
    return 1 if missing or (check and stale) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
