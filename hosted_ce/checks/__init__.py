"""The named checks of a site: what there is to look at, verdicts, and judges over facts. Pure."""
