"""TS 27.005, 27.007 and V.250 as a dialogue without I/O: bytes in, events and bytes out."""
