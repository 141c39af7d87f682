"""Texts through an Android handset on a USB cable: SMS Gateway for Android on it, reached by adb, no Wi-Fi.

In gsmsend.toml, where the handset is not the only one or not as the app is at first:

[driver.android]
serial = "R58M000000A"              # as `adb devices` shows it
sim = 1                             # the slot
password = "keyring:gsmsend/phone"  # the app shows it, or "env:NAME"

`android:R58M000000A` is its port, for `run --port` and modems.ports.
"""

from gsmsend_handset.android.driver import AndroidDriver

DRIVER = AndroidDriver()

__all__ = ["DRIVER", "AndroidDriver"]
