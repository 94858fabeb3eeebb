#!/usr/bin/env bash
# Draws the pictures of the consolidated and of the control workbook again, from the demo. Run it from the top folder.
# Needs LibreOffice, poppler and ImageMagick; fonts-liberation stands in for Times New Roman.
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
    if pdftotext -f "$page" -l "$page" "$1" - | grep -q "$2"; then echo "$page"; return; fi
  done
  echo "no page of $1 has: $2" >&2
  return 1
}

# draw PDF WORDS NAME [WIDTHxHEIGHT+LEFT+TOP of a part of the page, at 110 dots per inch]
draw() {
  local page
  page=$(page_of "$work/$1" "$2")
  pdftoppm -r 110 -png -singlefile -f "$page" -l "$page" "$work/$1" "$work/$3"
  convert "$work/$3.png" ${4:+-crop "$4" +repage} -trim +repage -bordercolor white -border 12 \
    -colors 64 -define png:compression-level=9 "$pictures/$3.png"
}

draw tong-hop.pdf "TỔNG HỢP BÁO CÁO" tong-hop-tong-quan
draw tong-hop.pdf "KẾT QUẢ THỰC HIỆN CÁC HOẠT ĐỘNG" tong-hop-phu-luc
draw tong-hop.pdf "MA TRẬN KẾT QUẢ" tong-hop-ma-tran
draw tong-hop.pdf "TIẾN ĐỘ NỘP" tong-hop-tien-do-nop
draw tong-hop.pdf "DANH SÁCH LỖI" tong-hop-loi-can-sua
draw dieu-hanh.pdf "DANH SÁCH TRƯỜNG" dieu-hanh-truong
draw dieu-hanh.pdf "LỊCH BÁO CÁO" dieu-hanh-lich-bao-cao
