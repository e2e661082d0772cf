"""The engine with a language model. It proposes; what is said and done is the policy's, as for any engine."""
