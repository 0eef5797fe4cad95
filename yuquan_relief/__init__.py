"""玉泉区社会救助工作：from a village clerk's first entry to money paid and a sealed file."""
