"""What the product does: numbered stories over the parts below, the only place where those meet."""
