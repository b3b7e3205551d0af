"""Front doors: where pilots come in. A pilot is written down before its sender gets an answer."""
