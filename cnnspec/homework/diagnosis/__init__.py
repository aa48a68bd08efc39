"""Why a cell is wrong: the slips, and the smallest set of them that explains a table."""
