"""From a kickoff's answers to a site file and a letter to the site: `hosted-ce site init`.

Pure: no files, no network, no clock. Light: what needs pydantic is in modules of its own, so that the command
line can list the questions without it.
"""
