"""The words of homework in Spanish."""

from __future__ import annotations

from typing import Final

from cnnspec.homework.languages._words import Words
from cnnspec.ir.role import Role

WORDS: Final = Words(
    layer=r"capas?|tipo( de capa)?|nombre( de (la )?capa)?|etapa",
    titles={
        "shape": (
            r"(forma|dimensi(ón|ones|on)|volumen)( (de|de la|de las|del) (salida|activaci(ón|ones|"
            r"on)|mapa))?|salida"
        ),
        "size": (
            r"tamaño( (de|de la|de las|del) (salida|activaci(ón|ones|on)))?|(número|numero|"
            r"cantidad|nº|n) de (activaciones|neuronas|elementos|valores|unidades)"
        ),
        "params": (
            r"((número|numero|cantidad|nº|n|total) )?(de )?(par[áa]metros)( (entrenables|"
            r"aprendibles|aprendidos))?"
        ),
        "weights": r"((número|numero|cantidad) )?(de )?pesos",
        "biases": r"((número|numero|cantidad) )?(de )?(sesgos|bias(es)?)",
        "macs": r"((número|numero|cantidad) )?(de )?multiplicaciones",
    },
    totals=r"suma( total)?\W*",
    inputs=r"entrada|imagen",
    outputs=r"salida",
    labels={
        Role.CONVOLUTION: r"convol",
        Role.POOL: r"pool|agrup|submuestr|reducc",
        Role.DENSE: r"densa|totalmente|completamente|conectad",
        Role.ACTIVATION: r"activaci",
        Role.NORM: r"normaliz",
        Role.MOVE: r"aplan|aplast",
        Role.NOISE: r"abandono",
    },
    gradebook={
        "key": (
            r"nombre completo|identificador|número de id|(dirección )?(de )?(email|correo)( electrónico)?|"
            r"nombre de usuario"
        ),
        "first": r"nombre",
        "last": r"apellidos?(\(s\))?",
        "comments": r"comentarios de retroalimentación",
        "blind": r"participante",
    },
)
