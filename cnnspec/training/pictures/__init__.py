"""What a run looks like: learning curves, confusion matrices, mistakes and feature maps, as SVG."""
