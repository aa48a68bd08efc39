"""What a network is: shapes, arguments, layers with their formulas, and the graph."""
