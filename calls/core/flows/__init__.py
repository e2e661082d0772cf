"""What becomes of a wish, one file a kind: sending, callbacks, orders, people, and proving who one is.

Each file imports only those before it: saying, asking, people, proof, then the wishes.
"""
