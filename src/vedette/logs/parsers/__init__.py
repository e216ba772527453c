"""Parsers of lines: one format a file. Each turns a line into pairs of label and value, and says what was wrong."""
