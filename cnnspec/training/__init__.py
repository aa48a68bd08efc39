"""From a graph and data to a trained model: data sets, run folders, fitting, evaluation and prediction."""
