"""What the API answers, as JSON and as CSV: models, and what makes them of what the CE knows."""
