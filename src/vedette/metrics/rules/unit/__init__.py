"""Unit tests of rules, as ``promtool test rules`` reads them: series in, expected alerts and samples out."""
