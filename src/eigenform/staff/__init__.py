"""By whom: people, teams, roles; answers 'may they?' as a scope that others take as an argument."""
