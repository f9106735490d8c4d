"""Eigenform, the CRM that closes the loop: feedback, value, decision, action, ledger.

Start reading at `loop.py`. ARCHITECTURE.md tells what stands where.
"""
