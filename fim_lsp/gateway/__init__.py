"""The FIM API served: Mistral's contract on one side, any provider or chain of providers on the other.

It knows providers and HTTP, and neither editors nor documents. Nothing of a prompt or an answer is stored or logged.
"""
