#!/usr/bin/env bash
# Draws the pictures of the consolidated and of the control workbook and of the reports again, from the demo. Run it from
# the top folder. Needs LibreOffice and poppler; fonts-liberation stands in for Times New Roman.
# The pictures of the school's workbook (truong-*.png) are not made here.
set -euo pipefail
pictures=$PWD/docs/pictures
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

.venv/bin/baocao demo "$work/demo" >/dev/null
.venv/bin/python docs/pictures/make-periods.py decide "$work/demo"
.venv/bin/python docs/pictures/make-periods.py office "$work/office"
cp "$work/demo/tong-hop/tong-hop-2024-2025-HK1.xlsx" "$work/tong-hop.xlsx"
cp "$work/demo/dieu-hanh.xlsx" "$work/dieu-hanh.xlsx"
cp "$work/office/tong-hop/tong-hop-2024-2025-HK1.xlsx" "$work/so-sanh.xlsx"

# report PERIOD MOMENT NAME
report() {
  .venv/bin/baocao report -w "$work/office" --period "$1" --as-of "$2" >/dev/null
  cp "$work/office/tong-hop/bao-cao-${1/\//-}.docx" "$work/$3.docx"
}

report 2024-2025/HK1 2025-01-27T09:00 hoc-ky
.venv/bin/python docs/pictures/make-periods.py later "$work/office"
.venv/bin/baocao sync -w "$work/office" --period TK-2025 --as-of 2025-12-08T09:00 >/dev/null
cp "$work/office/tong-hop/tong-hop-TK-2025.xlsx" "$work/tong-ket.xlsx"
report 2025/NAM 2025-11-03T09:00 nam
report TK-2025 2025-12-08T10:00 bao-cao-tong-ket

# Numbers as people here write them.
mkdir -p "$work/profile/user"
cat >"$work/profile/user/registrymodifications.xcu" <<'XCU'
<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry"><item oor:path="/org.openoffice.Setup/L10N">
<prop oor:name="ooSetupSystemLocale" oor:op="fuse"><value>vi-VN</value></prop></item></oor:items>
XCU
soffice "-env:UserInstallation=file://$work/profile" --headless --convert-to pdf --outdir "$work" \
  "$work"/*.xlsx "$work"/*.docx >/dev/null 2>&1

# The first page whose text has these words.
page_of() {
  local pages page
  pages=$(pdfinfo "$1" | awk '/^Pages/ {print $2}')
  for page in $(seq "$pages"); do
    if pdftotext -f "$page" -l "$page" "$1" - | grep "$2" >/dev/null; then echo "$page"; return; fi
  done
  echo "no page of $1 has: $2" >&2
  return 1
}

# draw PDF WORDS NAME DOTS-PER-INCH LEFT TOP WIDTH HEIGHT [PAGES-AFTER]: a part of the page, or of one after it, in dots
draw() {
  local page
  page=$(($(page_of "$work/$1" "$2") + ${9:-0}))
  pdftoppm -r "$4" -x "$5" -y "$6" -W "$7" -H "$8" -png -singlefile -f "$page" -l "$page" "$work/$1" "$pictures/$3"
}

draw tong-hop.pdf "TỔNG HỢP BÁO CÁO" tong-hop-tong-quan 100 25 35 777 1085
draw tong-hop.pdf "THAY ĐỔI GẦN ĐÂY" tong-hop-thay-doi 100 25 35 1120 770
draw tong-hop.pdf "Tệp được tính" tong-hop-tien-do-nop 100 25 35 1120 770
draw tong-hop.pdf "DANH SÁCH LỖI" tong-hop-loi-can-sua 100 25 35 1120 770
draw tong-hop.pdf "NHẬT KÝ QUYẾT ĐỊNH" tong-hop-nhat-ky-quyet-dinh 100 25 35 1120 400
draw tong-hop.pdf "PHỤ LỤC CÁC HOẠT ĐỘNG" tong-hop-phu-luc 100 25 35 1120 770
draw tong-hop.pdf "MA TRẬN KẾT QUẢ" tong-hop-ma-tran 100 25 35 1120 770
draw tong-hop.pdf "KẾT QUẢ THEO" tong-hop-theo-nhom 100 25 35 1120 770
draw tong-hop.pdf "Mã dòng" tong-hop-du-lieu 200 60 60 1180 500
draw so-sanh.pdf "SO SÁNH CÁC KỲ" tong-hop-so-sanh 100 25 35 1120 770
draw tong-ket.pdf "SỐ LIỆU TỔNG KẾT" tong-ket-tong-quan 100 25 35 777 1085
draw tong-ket.pdf "PHỤ LỤC CÁC HOẠT ĐỘNG" tong-ket-phu-luc 100 25 35 1120 770
draw hoc-ky.pdf "BÁO CÁO" bao-cao-hoc-ky 80 0 0 661 935
draw nam.pdf "BÁO CÁO" bao-cao-nam 80 0 0 661 935
draw bao-cao-tong-ket.pdf "BÁO CÁO" bao-cao-tong-ket 80 0 0 661 935
draw hoc-ky.pdf "Kèm theo Báo cáo" bao-cao-phu-luc 80 0 0 935 661
draw dieu-hanh.pdf "DANH SÁCH TRƯỜNG" dieu-hanh-truong 110 50 60 642 297
draw dieu-hanh.pdf "LỊCH BÁO CÁO" dieu-hanh-lich-bao-cao 100 45 55 1080 400
