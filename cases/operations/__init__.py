"""Every write on cases: one public function for each official act."""
