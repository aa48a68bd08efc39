"""The words of homework in French."""

from __future__ import annotations

from typing import Final

from cnnspec.homework.languages._words import Words
from cnnspec.ir.role import Role

WORDS: Final = Words(
    layer=r"couches?|type( de couche)?|nom( de (la )?couche)?|étape",
    titles={
        "shape": (
            r"(forme|dimensions?|volume)( (de|des|d) ?(la |l )?(sortie|activations?|"
            r"couche))?( de sortie)?|sortie"
        ),
        "size": (
            r"taille( (de|des|d) ?(la |l )?(sortie|activations?))?( de sortie)?|nombre (de|"
            r"d) ?(activations?|neurones|éléments|valeurs|unités)"
        ),
        "params": (
            r"((nombre|nb|nbre) )?(total )?(de |des )?paramètres( (apprenables|entraînables|"
            r"appris))?|nb paramètres"
        ),
        "weights": r"((nombre|nb) )?(de |des )?poids",
        "biases": r"((nombre|nb) )?(de |des )?biais",
        "macs": r"((nombre|nb) )?(de |des )?multiplications",
    },
    totals=r"somme\W*|ensemble\W*",
    inputs=r"entrée|image",
    outputs=r"sortie",
    labels={
        Role.CONVOLUTION: r"convol",
        Role.POOL: r"pool|sous[ -]?échantil|regroup|agrég",
        Role.DENSE: r"entièrement|complètement|pleinement|dense|connectée",
        Role.ACTIVATION: r"activ",
        Role.NORM: r"normal",
        Role.MOVE: r"aplat|vectoris",
        Role.NOISE: r"abandon",
    },
    gradebook={
        "key": r"nom complet|identifiant|numéro d['’]identification|(adresse de )?courriel|nom d['’]utilisateur",
        "first": r"prénom",
        "last": r"nom( de famille)?",
        "comments": r"feedback par commentaires|commentaires? de feedback",
        "blind": r"participant(/e)?",
    },
)
