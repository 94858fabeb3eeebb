"""What invented schools write. Aggregates only: no person, no class, no place."""

from __future__ import annotations

RESULTS = (
    "Đã tổ chức tuyên truyền trong tiết chào cờ và giờ sinh hoạt; đa số học sinh nắm được nội dung.",
    "Đã triển khai đến toàn thể cán bộ, giáo viên, nhân viên; có biên bản và hình ảnh lưu tại trường.",
    "Lồng ghép vào hoạt động trải nghiệm, kỹ năng sống; học sinh tham gia tích cực.",
    "Đã niêm yết trên bảng tin, đăng trên trang thông tin điện tử của trường.",
    "Phụ huynh đồng thuận, phối hợp tốt với nhà trường trong quản lý và giáo dục học sinh.",
    "Đã phổ biến số 111 và địa chỉ hộp thư góp ý đến học sinh và phụ huynh.",
    "Đã sinh hoạt chuyên đề theo kế hoạch; góp ý, rút kinh nghiệm sau mỗi buổi.",
    "Phối hợp với công an và đoàn thể địa phương tổ chức nói chuyện chuyên đề.",
    "Học sinh biết cách nhận diện nguy cơ và tìm người lớn tin cậy để chia sẻ.",
    "Đã rà soát, bổ sung quy tắc ứng xử; ký cam kết thực hiện đầu năm học.",
    "Cử giáo viên tham gia tập huấn và triển khai lại tại đơn vị.",
    "Duy trì hộp thư góp ý, kiểm tra hằng tuần; thông tin được xử lý kịp thời.",
)
DIFFICULTIES = (
    "Một số phụ huynh đi làm xa nên ít tham gia các buổi họp.",
    "Kinh phí cho hoạt động ngoại khóa còn hạn chế.",
    "Chưa có phòng tư vấn riêng, tạm dùng phòng truyền thống.",
    "Giáo viên kiêm nhiệm nên thời gian tư vấn chưa nhiều.",
    "Tài liệu tuyên truyền còn ít, chưa phong phú.",
    "Thời tiết mưa nhiều nên phải dời lịch tổ chức.",
)
REASONS = (
    "Chưa bố trí được báo cáo viên, sẽ thực hiện trong học kỳ tới.",
    "Đang chờ văn bản hướng dẫn, dự kiến triển khai ở kỳ sau.",
    "Chưa đủ số người tham dự do trùng lịch kiểm tra; sẽ tổ chức bổ sung.",
    "Nhà trường đang sửa chữa cơ sở vật chất, chuyển sang học kỳ sau.",
)
NOT_APPLICABLE = (
    "Trường không có học sinh thuộc đối tượng này.",
    "Nội dung do đơn vị khác chủ trì, trường không thực hiện.",
    "Không phù hợp với cấp học của trường.",
)
NOTES = (
    "Số liệu tính đến cuối kỳ báo cáo.",
    "Có sổ theo dõi lưu tại văn phòng.",
    "Đã đối chiếu với sổ theo dõi của trường.",
    "Thực hiện theo kế hoạch năm học.",
)
DOCUMENTS = ("KH", "QĐ", "BC", "TB", "BB")
"""Kinds of administrative document: plan, decision, report, announcement, minutes."""
