// What the pane says. One place, so that a person can read all of it. The service's own sentence (`detail`) is shown
// below the head where there is one.

export const PROGRESS = {
  standing: "Đang hỏi máy chủ…",
  read: "Đang đọc báo cáo…",
  check: "Đang kiểm tra…",
  submit: "Đang kiểm tra và nộp…",
  write: "Đang ghi kết quả vào sheet Kiểm tra…",
};

export const TROUBLES = {
  form: ["Mã truy cập chưa đúng dạng", "Mã bắt đầu bằng bc- và dài 57 ký tự. Chép cả mã, từ đầu đến cuối, rồi dán vào ô."],
  key: ["Mã truy cập không dùng được", "Mã không đúng hoặc đã bị thu hồi. Xin đơn vị quản lý mã mới rồi nhập lại."],
  school: ["Đây là báo cáo của trường khác", "Mã truy cập trên máy này là của một trường khác. Mở đúng tệp của trường, hoặc đổi mã truy cập."],
  foreign: ["Đây không phải mẫu báo cáo", "Mở tệp báo cáo mà đơn vị quản lý đã gửi cho trường, rồi bấm lại. Chưa có gì được gửi đi."],
  conflict: ["Máy chủ không nhận báo cáo này", "Hỏi đơn vị quản lý nếu chưa rõ lý do."],
  large: ["Tệp lớn quá", "Máy chủ chỉ nhận dưới 8 MB. Xoá những gì dán thêm ngoài mẫu (hình, bảng khác), rồi bấm lại."],
  many: ["Máy chủ đang bận", "Nhiều trường đang gửi cùng lúc, hoặc trường vừa bấm nhiều lần. Đợi một phút rồi bấm lại."],
  resting: ["Máy chủ chưa sẵn sàng", "Đợi vài phút rồi bấm lại. Nếu vẫn vậy, báo cho đơn vị quản lý."],
  server: ["Máy chủ gặp lỗi", "Lỗi này không phải do trường. Đợi vài phút rồi bấm lại; nếu vẫn vậy, báo cho đơn vị quản lý."],
  garbled: ["Máy chủ không đọc được tệp", "Lưu tệp, đóng và mở lại rồi bấm lại. Nếu vẫn vậy, báo cho đơn vị quản lý."],
  slow: ["Mạng chậm quá", "Báo cáo chưa tới máy chủ. Đợi khi mạng tốt hơn rồi bấm lại."],
  network: ["Không nối được với máy chủ", "Kiểm tra mạng của máy này rồi bấm lại."],
  editing: ["Excel đang chờ gõ xong một ô", "Bấm Enter để kết thúc việc gõ trong ô, rồi bấm lại."],
  answer: ["Không hiểu máy chủ trả lời gì", "Không có ô nào bị thay đổi. Báo cho đơn vị quản lý."],
  excel: ["Excel không làm được việc này", "Lưu tệp, đóng và mở lại Excel, rồi thử lại."],
  hidden: ["Không mở được ô này", "Sheet bị ẩn, đã đổi tên hoặc đã bị xoá."],
};

/** Added to what went wrong while handing in, where nobody here knows whether the report arrived. */
export const UNKNOWN_IF_TAKEN =
  "Chưa rõ máy chủ đã nhận hay chưa. Đợi vài phút rồi bấm Nộp lại: nộp hai lần cùng một nội dung chỉ tính một lần.";

export const NOT_WRITTEN = {
  moved: "Thứ tự các sheet vừa thay đổi nên kết quả không được ghi vào sheet Kiểm tra; nó chỉ hiện ở đây.",
  locked: "Sheet Kiểm tra của tệp này bị khoá nên kết quả không được ghi vào đó; nó chỉ hiện ở đây.",
  editing: "Excel đang chờ gõ xong một ô nên kết quả không được ghi vào sheet Kiểm tra; nó chỉ hiện ở đây.",
  excel: "Excel không cho ghi kết quả vào sheet Kiểm tra; nó chỉ hiện ở đây.",
};

export const UNKNOWN = "chưa biết";
export const SEVERITIES = { error: ["✖", "Lỗi"], warning: ["⚠", "Cảnh báo"] };
export const FIX = "Cách sửa: ";

export const heads = {
  failed: "Chưa đạt, còn lỗi phải sửa",
  notSubmitted: "Chưa nộp được, còn lỗi phải sửa",
  passed: "Không còn lỗi",
  submitted: "Đã nộp",
};

/** How many errors and warnings there are, as a sentence. */
export function counted(errors, warnings) {
  if (!errors && !warnings) return "Không có lỗi, không có cảnh báo.";
  const told = [errors && `${errors} lỗi`, warnings && `${warnings} cảnh báo`].filter(Boolean).join(", ");
  return `${told}. Bấm vào từng mục để đến ô cần xem; sửa xong thì bấm Kiểm tra lại.`;
}

/** Where a finding is. */
export function place(finding) {
  if (finding.sheet && finding.cell) return `${finding.sheet}, ô ${finding.cell}`;
  return finding.sheet || "cả tệp";
}

/** A moment of the service ("2025-11-09T23:59:59+07:00") in the office's own time, whatever this computer's zone is. */
export function moment(text) {
  const found = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})/.exec(text ?? "");
  return found ? `${found[4]}:${found[5]} ngày ${found[3]}/${found[2]}/${found[1]}` : UNKNOWN;
}
