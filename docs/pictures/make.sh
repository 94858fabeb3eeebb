#!/usr/bin/env bash
# Draws the pictures of the consolidated and of the control workbook again, from the demo. Run it from the top folder.
# Needs LibreOffice and poppler; fonts-liberation stands in for Times New Roman.
# The pictures of the school's workbook (truong-*.png) are not made here.
set -euo pipefail
pictures=$PWD/docs/pictures
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

.venv/bin/baocao demo "$work/demo" >/dev/null
cp "$work/demo/tong-hop/tong-hop-2024-2025-HK1.xlsx" "$work/tong-hop.xlsx"
cp "$work/demo/dieu-hanh.xlsx" "$work/dieu-hanh.xlsx"
soffice "-env:UserInstallation=file://$work/profile" --headless --convert-to pdf --outdir "$work" \
  "$work/tong-hop.xlsx" "$work/dieu-hanh.xlsx" >/dev/null 2>&1

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

# draw PDF WORDS NAME DOTS-PER-INCH LEFT TOP WIDTH HEIGHT: a part of the page, in dots
draw() {
  local page
  page=$(page_of "$work/$1" "$2")
  pdftoppm -r "$4" -x "$5" -y "$6" -W "$7" -H "$8" -png -singlefile -f "$page" -l "$page" "$work/$1" "$pictures/$3"
}

draw tong-hop.pdf "TỔNG HỢP BÁO CÁO" tong-hop-tong-quan 100 25 35 777 1085
draw tong-hop.pdf "KẾT QUẢ THỰC HIỆN CÁC HOẠT ĐỘNG" tong-hop-phu-luc 100 25 35 1120 770
draw tong-hop.pdf "MA TRẬN KẾT QUẢ" tong-hop-ma-tran 100 25 35 1120 770
draw tong-hop.pdf "TIẾN ĐỘ NỘP" tong-hop-tien-do-nop 100 25 35 1120 770
draw tong-hop.pdf "DANH SÁCH LỖI" tong-hop-loi-can-sua 100 25 35 1120 770
draw tong-hop.pdf "Mã dòng" tong-hop-du-lieu 200 60 60 1180 500
draw dieu-hanh.pdf "DANH SÁCH TRƯỜNG" dieu-hanh-truong 110 50 60 642 297
draw dieu-hanh.pdf "LỊCH BÁO CÁO" dieu-hanh-lich-bao-cao 100 45 55 1080 400
