"""The words of homework in Chinese."""

from __future__ import annotations

from typing import Final

from cnnspec.homework.languages._words import Words
from cnnspec.ir.role import Role

WORDS: Final = Words(
    layer=r"(网络|網路|網絡)?(层|層)(名|次|数|的名称|名称|名稱|类型|類型|别|級|级)?|名称|名稱|类型|類型",
    titles={
        "shape": (
            r"(输出|輸出|激活|啟動|特征图|特徵圖|输出特征图|张量)?(层|層)?的?(形状|形狀|维度|維度|"
            r"尺寸|shape)|输出|輸出"
        ),
        "size": (
            r"(输出|輸出|激活|激活值|啟動)?的?(大小|数量|數量|个数|個數|元素数|元素數|神经元数|"
            r"神經元數|神经元个数|元素个数|激活数|激活值数|激活值个数|激活值数量|激活值大小)"
        ),
        "params": r"(可训练|可訓練|可学习|可學習)?(参数|參數)(量|数|數|数量|數量|个数|個數|总数|總數)?",
        "weights": r"(权重|權重|权值)(数|數|数量|數量|个数|個數)?",
        "biases": r"(偏置|偏差)(数|數|数量|數量|个数|個數)?",
        "macs": r"(乘法|乘加|乘累加|计算量|計算量)(次数|次數|运算|運算|数|數|量)?",
    },
    totals=r"(总|總|合)(计|計|和|数|數).*|(总|總)(参数|參數|体|體).*",
    inputs=r"输入|輸入|图像|圖像",
    outputs=r"输出|輸出",
    labels={
        Role.CONVOLUTION: r"卷积|卷積",
        Role.POOL: r"池化|汇聚|匯聚|采样|採樣",
        Role.DENSE: r"全连接|全連接|密集|稠密|线性|線性",
        Role.ACTIVATION: r"激活|啟動|激励",
        Role.NORM: r"归一|歸一|标准化|標準化|规范化",
        Role.MOVE: r"展平|扁平|拉平|攤平|摊平|展开",
        Role.NOISE: r"丢弃|丟棄|随机失活",
    },
    gradebook={
        "key": r"全名|姓名|学号|學號|电子邮件(地址)?|電子郵件|用户名|标识符",
        "first": r"名",
        "last": r"姓",
        "comments": r"反馈评论|反馈意见|回饋評語",
        "blind": r"参与者|參與者",
    },
)
