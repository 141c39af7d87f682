"""gsmsend: an SMS gateway driver for GSM modem hardware."""

__version__ = "0.1.0"
