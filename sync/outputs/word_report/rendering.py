"""Values → .docx. Templates are drawn in a sandbox, and every value is text: nothing in it is markup or a template."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2
from docxtpl import DocxTemplate  # type: ignore[import-untyped]  # publishes no types
from jinja2.exceptions import SecurityError
from lxml import etree

from sync.errors import MendableError
from sync.i18n import gettext as _
from sync.letters.sandbox import Sandbox, sandbox
from sync.outputs.word_report.finishing import finished
from sync.outputs.word_report.packing import packed
from sync.outputs.word_report.shipped import own_template, shipped
from sync.reporting import Subject, gap, names

MAX_BYTES = 10 << 20
"""The largest template, and what all its parts may take when they are unpacked, times ten."""
_ILLEGAL = re.compile("[^\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TAGS = re.compile(r"<[^>]+>")


class TemplateError(MendableError):
    """A template of the office cannot be drawn; the message names the file and what is wrong."""


def build(subject: Subject, folder: Path | None = None) -> tuple[bytes, int]:
    """The report as a .docx, and how many gaps it has; by the template in `folder` where the office has its own.

    The same subject and template give the same bytes. Raises TemplateError where the office's template cannot be drawn:
    the shipped one is not used instead.
    """
    values = safe(names(subject))
    own = own_template(folder, subject.kind) if folder else None
    if own is None:
        drawn, gaps = _drawn(shipped(subject.kind).read_bytes(), values)
    else:
        drawn, gaps = _own(own, values)
    title = f"Báo cáo {values['period']['in_text']}"
    return packed(drawn, moment=subject.now, author=values["office"]["of"], title=title), gaps


def safe(value: Any) -> Any:
    """`value` with all its texts on one line and without what XML cannot hold; the values are plain already."""
    if isinstance(value, str):
        return _ILLEGAL.sub(" ", value)
    if isinstance(value, Mapping):
        return {key: safe(each) for key, each in value.items()}
    return [safe(each) for each in value] if isinstance(value, list) else value


def _own(file: Path, values: Mapping[str, Any]) -> tuple[bytes, int]:
    try:
        return _drawn(_read(file), values)
    except TemplateError:
        raise
    except Exception as error:
        # Whatever an office's template does, it is the template that is to be mended.
        raise TemplateError(_told(file, _because(error))) from error


def _read(file: Path) -> bytes:
    try:
        content = file.read_bytes()
    except OSError as error:
        raise TemplateError(
            _told(file, _("the file cannot be read: {reason}").format(reason=error.strerror))
        ) from error
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            size = sum(member.file_size for member in archive.infolist())
    except zipfile.BadZipFile:
        raise TemplateError(_told(file, _("this is no Word document (.docx)"))) from None
    if len(content) > MAX_BYTES or size > 10 * MAX_BYTES:
        raise TemplateError(_told(file, _("the file is larger than a template can be")))
    return content


def _told(file: Path, reason: str) -> str:
    place = f"{file.parent.name}/{file.name}"
    return _(
        "{place}: {reason}. Mend it in Word, or move it away and run `baocao report --templates` for the shipped one."
    ).format(place=place, reason=reason)


class _Template(DocxTemplate):  # type: ignore[misc]  # publishes no types
    """Refuses what is no XML any more, where docxtpl would throw parts of it away."""

    def fix_tables(self, xml: str) -> Any:
        etree.fromstring(xml.encode("utf-8"), etree.XMLParser(resolve_entities=False, huge_tree=True))
        return super().fix_tables(xml)


def _drawn(content: bytes, values: Mapping[str, Any]) -> tuple[bytes, int]:
    """The template `content` with `values` in it, and its gaps."""
    template = _Template(io.BytesIO(content))
    template.render(dict(values), _environment(), autoescape=True)
    drawn = io.BytesIO()
    template.save(drawn)
    return finished(drawn.getvalue(), values)


def _environment() -> Sandbox:
    # No template takes another one in: there is nothing in the folder of a document that could be one.
    environment = sandbox(Path(__file__).parent / "none", {}, escaping=True)
    environment.globals["gap"] = gap
    return environment


def _because(error: Exception) -> str:
    near = _near(error)
    if isinstance(error, SecurityError):
        return _("this is not allowed in a template: {reason}").format(reason=error) + near
    if isinstance(error, jinja2.UndefinedError):
        return _("there is a name that reports do not have: {reason}").format(reason=error.message) + near
    if isinstance(error, jinja2.TemplateSyntaxError):
        return _("a command between {{% and %}} is wrong: {reason}").format(reason=error.message) + near
    return _("this cannot be drawn: {reason}").format(reason=f"{type(error).__name__}: {error}") + near


def _near(error: Exception) -> str:
    """The words of the template around the fault, where they are known."""
    context = getattr(error, "docx_context", None)
    lines = [" ".join(_TAGS.sub("", line).split()) for line in context or ()]
    words = [line for line in lines if line]
    return _(" (near: {words})").format(words=" / ".join(words)[:300]) if words else ""
