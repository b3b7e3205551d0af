"""HTCondor's schedd at a site."""
