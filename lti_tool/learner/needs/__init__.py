"""Where am I now?: hopes and hurdles, one question a page, and who may see which answer."""
