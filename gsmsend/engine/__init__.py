"""The work of a run: states, retries and matching as pure rules; a thread for each line that follows them."""
