"""The partners' desk for opportunities: write, preview, publish, share with the network, import."""
