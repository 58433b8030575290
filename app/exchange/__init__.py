"""Ways in and out of the library: instruments as spreadsheets, and as FHIR."""
