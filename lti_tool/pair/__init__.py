"""The pages of a pair, the same for mentee and mentor: what they agree, plan, write and log."""
