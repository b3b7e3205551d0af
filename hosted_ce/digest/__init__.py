"""The week of a site on one page: what it gave, what changed, what was broken, what to do. Pure."""
