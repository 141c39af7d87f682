"""3GPP TS 23.038 and 23.040: octets to values and back, pure."""
