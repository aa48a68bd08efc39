"""The words of homework in Korean."""

from __future__ import annotations

from typing import Final

from cnnspec.homework.languages._words import Words
from cnnspec.ir.role import Role

WORDS: Final = Words(
    layer=r"(층|레이어|계층)( ?(이름|종류|유형|명))?|이름|종류",
    titles={
        "shape": r"(출력|활성화|특징 ?맵|특성 ?맵)? ?(형태|모양|차원|크기 ?\(형태\)|shape)|출력",
        "size": r"(출력|활성화)? ?(크기|값의 ?수|개수|값 ?개수)|(뉴런|원소|활성화 ?값|유닛) ?(수|개수|의 ?수)",
        "params": r"(학습 ?가능한? ?)?(파라미터|매개변수|모수)( ?의)? ?(수|개수|갯수|총수)?",
        "weights": r"(가중치)( ?의)? ?(수|개수)?",
        "biases": r"(편향|바이어스)( ?의)? ?(수|개수)?",
        "macs": r"(곱셈|연산)( ?의)? ?(횟수|수|량)?",
    },
    totals=r"(합계|총계|총합|총).*",
    inputs=r"입력|이미지",
    outputs=r"출력",
    labels={
        Role.CONVOLUTION: r"합성곱|컨볼루션|콘볼루션|컨벌루션",
        Role.POOL: r"풀링",
        Role.DENSE: r"완전 ?연결|전결합|밀집|전연결",
        Role.ACTIVATION: r"활성화",
        Role.NORM: r"정규화",
        Role.MOVE: r"평탄|플래튼|펼치",
        Role.NOISE: r"드롭",
    },
    gradebook={
        "key": r"전체 ?이름|성명|학번|이메일( 주소)?|사용자 ?아이디|식별자",
        "first": r"이름",
        "last": r"성",
        "comments": r"피드백 (댓글|의견|코멘트)",
        "blind": r"참여자|참가자",
    },
)
