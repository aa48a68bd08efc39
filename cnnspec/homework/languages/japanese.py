"""The words of homework in Japanese."""

from __future__ import annotations

from typing import Final

from cnnspec.homework.languages._words import Words
from cnnspec.ir.role import Role

WORDS: Final = Words(
    layer=r"(層|レイヤー?)(名|の名前|の種類|タイプ)?|名前|種類",
    titles={
        "shape": r"(出力|活性化|特徴マップ)?(の)?(形状|形|次元|シェイプ|サイズ\(形状\))|出力",
        "size": r"(出力|活性化|ユニット|要素|ニューロン)(の)?(サイズ|大きさ|数|要素数)|サイズ|要素数",
        "params": r"(学習可能な?|訓練可能な?)?(パラメー?タ(ー)?)(の)?(数|個数|総数)?",
        "weights": r"(重み|ウェイト)(の)?(数|個数)?",
        "biases": r"(バイアス)(の)?(数|個数)?",
        "macs": r"(乗算|積和演算|乗算回数|積和)(の)?(回数|数|回)?",
    },
    totals=r"(合計|総計|総和|総数|総パラメータ).*",
    inputs=r"入力|画像",
    outputs=r"出力",
    labels={
        Role.CONVOLUTION: r"畳み?込み|コンボリューション|たたみ込み",
        Role.POOL: r"プーリング|プール",
        Role.DENSE: r"全結合|密結合|デンス|全接続",
        Role.ACTIVATION: r"活性化",
        Role.NORM: r"正規化",
        Role.MOVE: r"平坦|フラット|平滑",
        Role.NOISE: r"ドロップ",
    },
    gradebook={
        "key": r"氏名|フルネーム|識別子|idナンバー|メールアドレス|ユーザ名",
        "first": r"名",
        "last": r"姓",
        "comments": r"フィードバックコメント",
        "blind": r"参加者",
    },
)
