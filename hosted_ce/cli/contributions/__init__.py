"""`hosted-ce contributions`: core hours that the site gave to pilots."""
