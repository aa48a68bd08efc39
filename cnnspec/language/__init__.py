"""What a spec says, in both directions: items, tokens, expressions and the build; the writer and the styles."""
