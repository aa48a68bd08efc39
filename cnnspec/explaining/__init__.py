"""What is explained in words: the numbers of a layer as a solution, and the vocabulary of the language."""
