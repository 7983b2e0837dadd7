"""HTTP: one Klein class per collection, one error table, CORS on everything."""
