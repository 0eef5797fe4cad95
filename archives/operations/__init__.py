"""Every write of archives, one public function for each official act."""
