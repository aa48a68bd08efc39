"""The words of homework in Vietnamese."""

from __future__ import annotations

from typing import Final

from cnnspec.homework.languages._words import Words
from cnnspec.ir.role import Role

WORDS: Final = Words(
    layer=r"(tên )?(lớp|tầng)|loại( lớp| tầng)?",
    titles={
        "shape": (r"(hình dạng|kích thước|chiều|số chiều)( (của )?(đầu ra|kích hoạt|ngõ ra|output))|hình dạng|đầu ra"),
        "size": r"số (lượng )?(kích hoạt|nơ ron|nơron|neuron|phần tử|giá trị|đơn vị)|kích thước( kích hoạt)?",
        "params": r"(số (lượng )?|tổng số )?tham số( học được| huấn luyện)?",
        "weights": r"(số (lượng )?)?trọng số",
        "biases": r"(số (lượng )?)?(độ lệch|bias|hệ số tự do)",
        "macs": r"(số (lượng )?)?phép nhân",
    },
    totals=r"tổng.*",
    inputs=r"đầu vào|ngõ vào|ảnh",
    outputs=r"đầu ra|ngõ ra",
    labels={
        Role.CONVOLUTION: r"tích chập",
        Role.POOL: r"gộp|pool",
        Role.DENSE: r"kết nối (đầy đủ|hoàn toàn|toàn phần)|đầy đủ|dày đặc",
        Role.ACTIVATION: r"kích hoạt",
        Role.NORM: r"chuẩn h(óa|oá)",
        Role.MOVE: r"phẳng|duỗi",
        Role.NOISE: r"loại bỏ",
    },
    gradebook={
        "key": r"họ và tên|họ tên|tên đầy đủ|mã số|(địa chỉ )?(thư điện tử|email)|tên đăng nhập",
        "first": r"tên",
        "last": r"họ",
        "comments": r"nhận xét phản hồi|phản hồi bằng nhận xét",
        "blind": r"thành viên|người tham gia",
    },
)
