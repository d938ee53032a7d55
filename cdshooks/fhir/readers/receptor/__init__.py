"""What scans say of receptors and metabolism: SSTR, FDG and mIBG."""
