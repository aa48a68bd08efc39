"""From the located tree to the graph: shapes, kinds, arguments, expressions, and the build."""
