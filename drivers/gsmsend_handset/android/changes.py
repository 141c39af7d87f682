"""What sending through a handset changes on it, for an officer to accept before the first text, in these words."""

from __future__ import annotations

CHANGES = (
    (
        "An app that is not part of Android is installed on the handset (SMS Gateway for Android), with leave "
        "to send and read texts and to read the state of the telephone; it is started, and stands in the phone's "
        "logs, list of apps, battery statistics and backups."
    ),
    (
        "USB debugging is switched on in the handset, and this computer's key is allowed there; with 'always "
        "allow' the key stays stored on the handset."
    ),
    (
        "Each text that is sent is written into the handset's own store of messages, as sent, in the conversation "
        "with that person, with number, words and times; a conversation that was not there before is begun."
    ),
    (
        "The app keeps each text with its number and state, each delivery report and each text that comes in "
        "meanwhile, in a database of its own on the handset."
    ),
    (
        "While the handset has a data connection, the app asks a server of its makers for the handset's public "
        "address when it starts. Its 'Cloud server' must be off: with it others could text from this line."
    ),
    "The app shows a notification while it runs, keeps the handset awake, and starts again with the handset.",
    (
        "Texts and calls that come in while the handset is on are received as ever: they are written into its "
        "inbox and its list of calls, with notifications; nothing is marked as read."
    ),
    (
        "The handset is switched on and registered in its network all the while: the network knows where it is, "
        "and Android and its apps write, delete and, over any network that they are let use, send what they like."
    ),
    (
        "One TCP port of this computer, open to itself alone, is led to the app's port while gsmsend runs; other "
        "settings of the handset stay as they are."
    ),
)
