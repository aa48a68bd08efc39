"""What browsers and notebooks show: pages that load nothing, tables with bars, formulas that are set."""
