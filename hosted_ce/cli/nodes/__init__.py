"""`hosted-ce nodes`: how pilots end on the site's nodes, and which nodes get none."""
