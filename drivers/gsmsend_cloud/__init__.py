"""Cloud routes: a module for each provider, all alike. None is the number that people know: they carry fallbacks."""
