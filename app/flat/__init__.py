"""Results as the tables that statisticians use: a row for each result, columns as the codebook."""
