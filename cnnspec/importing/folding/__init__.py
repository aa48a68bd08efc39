"""A network of many layers as a short spec: layers become items, joins get branches, what repeats is written once.

A folded spec is loaded again and compared with the network: it is used only where both are the same.
"""
