"""The systems that may call this service, as the config file registers them."""
