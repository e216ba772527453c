"""The PromQL script language: `load` samples, `eval` questions, and what they must answer."""
