"""Cloud routes: a module for each provider, all alike. None is the number people know: they carry fallbacks."""
