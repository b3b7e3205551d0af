"""The ramps of the site's routes: what they are judged by, and who moves them."""
