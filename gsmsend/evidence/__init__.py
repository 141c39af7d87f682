"""The evidence pack: what the log, transcripts and settings of an operation say, for people who trust none of us.

`verify` is one file with nothing but the standard library in it: a copy lies in each pack and checks it offline.
"""
