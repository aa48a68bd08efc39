"""SVG and charts: pictures as text, without a plotting library."""
