"""The public test kit: a clock, a scripted driver, and the suites that every driver and every store must pass."""
