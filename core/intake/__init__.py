"""From a walk through a source to committed batches: what an import does between folders and catalogue."""
