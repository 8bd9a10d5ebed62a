"""My digital skills: a short check in five areas, then one small thing to practise in each."""
