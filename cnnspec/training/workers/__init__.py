"""Several processes train one network: who they are, how they meet, what each computes, and how they end together."""
