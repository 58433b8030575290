"""Ways in and out of the library: instruments as spreadsheets, as JSON, and as FHIR."""
