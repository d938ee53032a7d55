"""Reading prose: folding, phrases, sentences, denial and doubt, and the lexicon that finds concepts."""
