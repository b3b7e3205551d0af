"""`hosted-ce site init`: the interview, and what it leaves behind. `hosted_ce.site_init` knows the rest."""
