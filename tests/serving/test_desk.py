"""What the server tells a school of itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from sync import control, office
from sync.schools import School, Schools
from sync.serving.desk import Desk, NotListed
from tests.fakes.addin_server import office_in
from tests.fakes.offices import CAST, PLAN, ZONE

NEW = School("TH09", "Trường Tiểu học Hoa Lan", "TH", "Xã Hai", opened_on=date(2025, 9, 1))


def test_a_school_that_owes_nothing_in_the_period_is_told_so_and_one_that_is_gone_is_told_that(tmp_path: Path) -> None:
    place = office_in(tmp_path)
    file = office.open_office(place).workspace.control_file
    whole = control.read(file, PLAN, ZONE)
    control.write(file, replace(whole, schools=Schools((*CAST.schools, NEW))), PLAN)
    told = Desk(place).standing("TH09")
    assert (told["school"], told["name"], told["period"]) == ("TH09", NEW.name, "2024-2025/HK1")
    assert (told["due"], told["standing"], told["accepted_at"]) == (None, None, None)
    assert told["standing_text"]
    with pytest.raises(NotListed) as caught:
        Desk(place).standing("TH10")
    # What the task pane calls the workbook of another school.
    assert caught.value.status != 403
