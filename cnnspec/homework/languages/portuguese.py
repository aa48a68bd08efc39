"""The words of homework in Portuguese."""

from __future__ import annotations

from typing import Final

from cnnspec.homework.languages._words import Words
from cnnspec.ir.role import Role

WORDS: Final = Words(
    layer=r"camadas?|tipo( de camada)?|nome( da camada)?|etapa",
    titles={
        "shape": (
            r"(forma|formato|dimens(ão|ões|ao|oes)|volume)( (de|da|das|do) (saída|saida|ativaç(ão|"
            r"ões)|ativac(ao|oes)|mapa))?|saída|saida"
        ),
        "size": (
            r"tamanho( (de|da|das|do) (saída|saida|ativaç(ão|ões)|ativac(ao|oes)))?|(número|"
            r"numero|nº|n|quantidade) de (ativações|neurônios|neurónios|elementos|valores|"
            r"unidades)"
        ),
        "params": (
            r"((número|numero|quantidade|nº|n|total) )?(de )?(par[âa]metros)( (treináveis|"
            r"treinaveis|aprendíveis|aprendidos))?"
        ),
        "weights": r"((número|numero|quantidade) )?(de )?pesos",
        "biases": r"((número|numero|quantidade) )?(de )?(vieses|viés|bias(es)?)",
        "macs": r"((número|numero|quantidade) )?(de )?multiplicações",
    },
    totals=r"soma( total)?\W*",
    inputs=r"entrada|imagem",
    outputs=r"saída|saida",
    labels={
        Role.CONVOLUTION: r"convol",
        Role.POOL: r"pool|agrup|subamostr",
        Role.DENSE: r"densa|totalmente|completamente|conectad",
        Role.ACTIVATION: r"ativaç|activaç",
        Role.NORM: r"normaliz",
        Role.MOVE: r"achat|aplan",
        Role.NOISE: r"abandono",
    },
    gradebook={
        "key": (
            r"nome completo|identificador|número de identificação|(endereço de )?e-?mail|nome de usuário|"
            r"identificação de usuário"
        ),
        "first": r"nome",
        "last": r"sobrenome|apelido",
        "comments": r"comentários de feedback",
        "blind": r"participante",
    },
)
