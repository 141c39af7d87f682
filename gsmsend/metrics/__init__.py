"""A run as numbers for Prometheus, and whether it is alive for supervisors (docs/monitoring.md).

`Recorder` counts the run's events, `Standing` shows what is so now, `serving` answers on HTTP. No number, name or
text of a recipient gets here: labels are names of lines, and words of fixed lists.
"""
