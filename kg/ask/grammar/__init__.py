"""Questions parsed into the algebra: lexical entries and typed rules as data, a chart that combines neighbours."""
