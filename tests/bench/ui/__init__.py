"""What the map costs where it is felt: from load to drawn, and from mouse-up to the answer."""
