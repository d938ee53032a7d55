"""How far the tumour has spread: stage, pattern, nodes, liver, surgery and burden."""
