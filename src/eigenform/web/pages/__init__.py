"""One module per domain: each view asks for a scope, reads contracts, and shows one frozen page."""
