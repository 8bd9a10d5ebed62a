"""The page "Me": what is kept about this person here, and joining two course sites by consent."""
