"""The words of homework in German."""

from __future__ import annotations

from typing import Final

from cnnspec.homework.languages._words import Words
from cnnspec.ir.role import Role

WORDS: Final = Words(
    layer=r"schicht(en|typ|name)?|ebene|lage|art|typ",
    titles={
        "shape": (
            r"((ausgabe|aktivierungs|ausgangs|output)?[ -]?(form|dimension(en)?|gestalt))|(form|"
            r"dimension(en)?) der (ausgabe|aktivierung(en)?)"
        ),
        "size": (
            r"(aktivierungs|ausgabe|ausgangs)?[ -]?größe|größe der (ausgabe|aktivierung(en)?)|"
            r"(an)?zahl (der )?(aktivierungen|neuronen|elemente|werte)"
        ),
        "params": r"((an)?zahl )?(der )?((lernbaren|trainierbaren|gelernten) )?parameter(anzahl|zahl|n)?",
        "weights": r"((an)?zahl )?(der )?gewichte",
        "biases": r"((an)?zahl )?(der )?(bias(se|werte|es)?|schwellwerte?|schwellenwerte?)",
        "macs": r"((an)?zahl )?(der )?(multiplikationen|rechenoperationen)",
    },
    totals=r"(gesamt|summe|insgesamt).*",
    inputs=r"eingabe|eingang",
    outputs=r"ausgabe|ausgang",
    labels={
        Role.CONVOLUTION: r"falt|konvol",
        Role.POOL: r"pool|unterabtast",
        Role.DENSE: r"voll\w*[ -]?verb|dicht|voll verknüpft",
        Role.ACTIVATION: r"aktivier",
        Role.NORM: r"normal",
        Role.MOVE: r"flach|vektor|glätt",
        Role.NOISE: r"auslass",
    },
    gradebook={
        "key": r"vollständiger name|id|id-nummer|e-mail(-adresse)?|anmeldename|kennung|matrikelnummer",
        "first": r"vorname",
        "last": r"nachname|familienname",
        "comments": r"feedback als kommentar",
        "blind": r"teilnehmer(/?in)?",
    },
)
