"""Practice: variants of a network, worksheets and quizzes."""
