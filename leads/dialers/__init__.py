"""Who rings somebody's telephone: one file a provider."""
