"""What an import reads: one reader for each kind of file, all giving the same rows.

A file's kind is found by its content, never by its name (`finding.open_source`). Names of people are not kept.
"""
