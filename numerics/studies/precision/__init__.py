"""How many digits a descent needs: the study, the rule, the advice."""
