"""The web console (docs/console.md): pages over the same questions and functions that the command line has.

Above the command line in the layers: it shows what `status`, `messages`, `inbox` and `preview` know, and acts by
the functions that `pause`, `resume`, `resolve`, `inbox seen` and `approve` act by. It sends nothing by itself.
"""
