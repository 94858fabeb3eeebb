"""Draws the pictures of letters (thu-*.png) again, from the sample letters. Run it from the top folder:

    .venv/bin/python docs/pictures/make-letters.py [FOLDER]

With FOLDER, every letter is drawn there, as HTML (wide, narrow and dark) and as text, to be looked at; else the few of
the docs. Needs Chromium and a font with Vietnamese, such as fonts-dejavu.
"""

from __future__ import annotations

import html
import re
import shutil
import subprocess
import sys
import tempfile
from email.message import EmailMessage
from pathlib import Path

from sync.letters import samples
from sync.letters.composing import compose

PICTURES = Path(__file__).parent
SHOWN = {"due-soon": "thu-nhac-han", "to-mend": "thu-can-sua", "accepted": "thu-da-nhan", "digest": "thu-tong-hop-ngay"}
WIDE, NARROW = 720, 500


def main() -> None:
    folder = Path(sys.argv[1]).absolute() if len(sys.argv) > 1 else None
    for sample in samples.samples():
        message = compose(sample.letter, samples.SENDER, "", samples.OFFICE, "", None, samples.NOW).message
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            draw(as_page(message), folder / f"{sample.name}.png")
            draw(as_page(message), folder / f"{sample.name}-narrow.png", width=NARROW)
            draw(as_page(message), folder / f"{sample.name}-dark.png", dark=True)
            draw(as_text(message), folder / f"{sample.name}-text.png")
        elif sample.name in SHOWN:
            draw(as_page(message), PICTURES / f"{SHOWN[sample.name]}.png")
            if sample.name == "due-soon":
                draw(as_text(message), PICTURES / "thu-nhac-han-dang-chu.png")


def as_page(message: EmailMessage) -> str:
    """The HTML part under the lines that a mail program shows above it."""
    start, body, rest = _part(message, "html").partition('<body style="margin:0;padding:0;">')
    return f"{start}{body}{_head(message)}{rest}"


def as_text(message: EmailMessage) -> str:
    """The text part as a program without HTML shows it."""
    style = "font-family:'DejaVu Sans Mono',monospace;font-size:13px;white-space:pre-wrap;padding:12px;margin:0"
    text = html.escape(_part(message, "plain"))
    start = '<!DOCTYPE html><title></title><meta charset="utf-8"><body style="margin:0">'
    return f'{start}{_head(message)}<pre style="{style}">{text}</pre>'


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()) if part else ""


def _head(message: EmailMessage) -> str:
    files = ", ".join(str(part.get_filename()) for part in message.iter_attachments())
    lines = [("Từ", message["From"]), ("Đến", message["To"]), ("Đồng gửi", message["Cc"]), ("Tệp đính kèm", files)]
    told = "".join(f"{name}: {html.escape(str(value))}<br>" for name, value in lines if value)
    style = "font-family:Arial,sans-serif;font-size:12px;padding:12px 16px;border-bottom:1px solid #8a8a8a"
    return f'<div style="{style}"><b style="font-size:16px">{html.escape(str(message["Subject"]))}</b><br>{told}</div>'


def draw(page: str, picture: Path, *, width: int = WIDE, dark: bool = False) -> None:
    """Writes `page` as Chromium shows it to `picture`, as high as it is."""
    options = [f"--blink-settings=preferredColorScheme={0 if dark else 1}"]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "page.html")
        measure = "<script>document.title = document.body.offsetHeight</script>"
        file.write_text(page + measure, encoding="utf-8")
        told = _chromium(file, *options, f"--window-size={width},100", "--dump-dom")
        height = int(re.findall(r"<title>(\d+)", told)[0])
        _chromium(file, *options, f"--window-size={width},{height + 16}", f"--screenshot={picture}")


def _chromium(file: Path, *options: str) -> str:
    program = shutil.which("chromium") or shutil.which("google-chrome") or "chromium-browser"
    command = [program, "--headless", "--no-sandbox", "--hide-scrollbars", *options, file.as_uri()]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603 - our own page


if __name__ == "__main__":
    main()
