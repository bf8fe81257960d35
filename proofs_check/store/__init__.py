"""Files and plain data: atomic writes, results as documents, versions."""
