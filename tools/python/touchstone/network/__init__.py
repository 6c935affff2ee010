"""Networks as folders: PyTorch modules are exported to them and read back from them."""
