"""Routes through a tethered handset, or through a program that holds the modem, where there is no AT port."""
