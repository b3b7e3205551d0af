"""`hosted-ce key`: the key by which a CE logs in at a site, and the next one."""
