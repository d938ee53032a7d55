"""Reading prose: folding, phrases, sentences, denial and doubt, the lexicon of concepts."""
